"""Protocols as CDISC USDM v4.0 JSON, and back.

A document of ours holds the trial twice: in the words of the standard, and, as extension attributes under
``urn:euexia:protocol:1:``, in full, so that it can be simulated again.  Reading it returns an equal protocol,
or names where its two halves differ; which of them is right is for people to say.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from euexia.core.errors import InputError
from euexia.protocol.loader import fingerprint, loads
from euexia.protocol.protocol import Protocol
from euexia.standards import usdm_draft
from euexia.standards.usdm_comparison import differences
from euexia.standards.usdm_document import Document, looks_like_usdm, opened
from euexia.standards.usdm_extension import NAMESPACE, everywhere, of_object, plain, rebuilt
from euexia.standards.usdm_reading import study_of
from euexia.standards.usdm_study import UsdmStudy
from euexia.standards.usdm_writing import OF_COURSE, OF_DESIGN, digest, written

__all__ = ["draft", "is_usdm", "protocol_of", "study", "written"]

LISTS = {"arms": "arm", "eligibility": "criterion", "endpoints": "endpoint"}
"""Sections of a protocol whose entries hang on an object each, with the name of that extension."""


def is_usdm(text: str) -> bool:
    """Return whether a text means to be a USDM document."""
    return looks_like_usdm(text)


def study(text: str, file: str) -> UsdmStudy:
    """Return what the standard part of a USDM v4 document says.

    Raises InputError if it is none, is of another version, holds several designs, or refers to what is not
    there.
    """
    return study_of(opened(text, file))


def protocol_of(text: str, file: str) -> Protocol | None:
    """Return the protocol that a USDM document carries in full; None if it carries none.

    Raises InputError naming every place in which the standard part and the executable part differ, and as
    ``study`` does.
    """
    found = opened(text, file)
    theirs = study_of(found)
    if "head" not in of_object(found.version):
        return None
    values = _rebuilt(found)
    protocol, wrong = _agreed(found, values)
    if protocol is not None:
        wrong += _of_standard(protocol, theirs)
    if wrong:
        raise _disagreement(file, wrong)
    carried = _carried(found)
    return dataclasses.replace(
        values, source_text=carried.get("text", ""), source_name=carried.get("name", file)
    )


def draft(text: str, file: str) -> str:
    """Return a protocol file (YAML): the one carried in full, else a draft from what the standard part says.

    Raises what ``protocol_of`` raises, and InputError if a protocol is carried without the text of its file.
    """
    protocol = protocol_of(text, file)
    if protocol is None:
        return usdm_draft.drafted(study(text, file), file)
    if not protocol.source_text:
        raise InputError(
            f"{file} carries the protocol '{protocol.id}' without the text of its file: none can be written. "
            "Read it in Python with euexia.standards.usdm.protocol_of, or export it from a protocol file."
        )
    return protocol.source_text


def _carried(found: Document) -> dict[str, Any]:
    file = of_object(found.version).get("file")
    return file if isinstance(file, dict) else {}


def _group(value: Any) -> dict[str, Any]:
    """Return a group of values; an empty one where something else stands."""
    return dict(value) if isinstance(value, dict) else {}


def _rebuilt(found: Document) -> Protocol:
    """Return the protocol that the extensions say, value by value."""
    version, design = of_object(found.version), of_object(found.design)
    value = _group(version["head"])
    value |= {name: version[name] for name in OF_COURSE if name in version}
    value |= {name: design[name] for name in OF_DESIGN if name in design}
    for section, name in LISTS.items():
        value[section] = [_group(item) for item in everywhere(found.study, name)]
    order = design.get("endpoint_order")
    names = order if isinstance(order, list) else []
    value["endpoints"].sort(
        key=lambda item: names.index(item["name"]) if item.get("name") in names else len(names)
    )
    estimands = [_group(item) for item in everywhere(found.study, "estimand")]
    value["estimands"] = {str(item.get("endpoint")): item for item in estimands}
    value["schedule"] = _group(design.get("times")) | {"visits": list(everywhere(found.study, "visit"))}
    protocol = rebuilt(Protocol, value, f"{found.file}: the protocol")
    assert isinstance(protocol, Protocol)
    return protocol


def _agreed(found: Document, protocol: Protocol) -> tuple[Protocol | None, list[str]]:
    """Return the protocol that the text of the file says, and where the values do not agree with it.

    Without a text, the values themselves if their fingerprint is the one named; None where nothing is sure.
    """
    carried = _carried(found)
    text, name = carried.get("text"), str(carried.get("name", found.file))
    if text is None:
        if of_object(found.version).get("fingerprint") == fingerprint(protocol):
            return protocol, []
        return None, [
            "executable part: it was changed, for it has another fingerprint than the one it names."
        ]
    if digest(str(text)) != carried.get("sha256"):
        return None, ["text of the protocol file: it was changed, for its SHA-256 is not the one beside it."]
    said = dataclasses.replace(loads(str(text), name), source_text="", source_name="")
    return said, [
        f"{difference.place}: the text of the protocol file says {difference.ours}, "
        f"the extension {difference.theirs}."
        for difference in differences(plain(said), plain(protocol), "")
    ]


def _of_standard(protocol: Protocol, theirs: UsdmStudy) -> list[str]:
    """Return where the standard part says something else than the executable part."""
    ours = study_of(opened(written(protocol), "the executable part"))
    return [
        f"{difference.place}: the executable part says {difference.ours}, "
        f"the standard part {difference.theirs}."
        for difference in differences(ours, theirs, "")
    ]


def _disagreement(file: str, found: list[str]) -> InputError:
    places = "1 place" if len(found) == 1 else f"{len(found)} places"
    lines = "\n".join(f"  - {line}" for line in found)
    return InputError(
        f"{file} contradicts itself in {places}:\n{lines}\n"
        "Euexia does not guess which is right. Change the protocol file and export it again, or take the "
        f"extensions '{NAMESPACE}…' away to begin a draft from the standard part."
    )
