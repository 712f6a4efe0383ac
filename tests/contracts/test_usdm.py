"""What every shipped protocol must stand when it leaves as CDISC USDM, and comes back."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from builders.usdm_documents import bare
from euexia import protocol
from euexia.standards import usdm
from euexia.standards.usdm_extension import NAMESPACE
from euexia.standards.usdm_shape import classes

SHIPPED = protocol.shipped()
SCALARS = {"string": str, "boolean": bool, "integer": int, "number": (int, float), "null": type(None)}


@pytest.fixture(scope="module", params=SHIPPED)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def text(name: str) -> str:
    return usdm.written(protocol.load(name))


def test_it_comes_back_equal(name: str, text: str) -> None:
    original = protocol.load(name)
    back = usdm.protocol_of(text, "study.json")
    assert back is not None
    assert back == original
    assert back.published == original.published
    assert protocol.fingerprint(back) == protocol.fingerprint(original)
    assert usdm.draft(text, "study.json") == original.source_text


def test_values_alone_are_enough(name: str, text: str) -> None:
    """The text of the file is only carried beside: without it the values give an equal protocol."""
    document = json.loads(text)
    version = document["study"]["versions"][0]
    version["extensionAttributes"] = [
        item for item in version["extensionAttributes"] if item["url"] != NAMESPACE + "file"
    ]
    back = usdm.protocol_of(json.dumps(document), "study.json")
    assert back is not None
    assert protocol.fingerprint(back) == protocol.fingerprint(protocol.load(name))


def test_order_of_keys_and_empty_entries_do_not_matter(name: str, text: str) -> None:
    """Other programs write the same document in another order, and leave out what is empty."""

    def rewritten(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {key: rewritten(child) for key, child in value.items() if child not in (None, [])}
            return dict(sorted(kept.items(), reverse=True))
        return [rewritten(child) for child in value] if isinstance(value, list) else value

    document = json.loads(text)
    shuffled = {"usdmVersion": document["usdmVersion"], "study": rewritten(document["study"])}
    back = usdm.protocol_of(json.dumps(shuffled), "study.json")
    assert back == protocol.load(name)


def test_standard_part_alone_gives_a_draft_that_asks(name: str, text: str) -> None:
    """Only what the draft marks TODO keeps it from loading, or what hangs on it."""
    original = protocol.load(name)
    drafted = usdm.draft(json.dumps(bare(json.loads(text))), "study.json")
    assert "TODO" in drafted
    assert f"size: {original.size} " in drafted
    for arm in original.arms:
        assert json.dumps(arm.label, ensure_ascii=False) in drafted
    for criterion in original.eligibility:
        assert " ".join(criterion.text.split())[:40] in " ".join(drafted.replace("#", " ").split())
    with pytest.raises(protocol.loader.DataFileError, match="still to be decided"):
        protocol.loads(drafted, "draft.yaml")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from _objects(child)
    elif isinstance(value, list):
        for child in value:
            yield from _objects(child)


def test_identifiers_are_unique_and_every_reference_leads_somewhere(text: str) -> None:
    document = json.loads(text)
    objects = [item for item in _objects(document["study"]) if item.get("id") is not None]
    count = Counter(item["id"] for item in objects)
    assert max(count.values()) == 1
    for item in objects:
        for key, value in item.items():
            named = [value] if key.endswith("Id") else value if key.endswith("Ids") else []
            assert all(each is None or each in count for each in named), (item["id"], key)


def test_every_object_has_what_its_class_has(text: str) -> None:
    """Required attributes are there, no other ones are, and values are of the classes allowed (USDM 4.0)."""
    for item in _objects(json.loads(text)["study"]):
        allowed = classes()[item["instanceType"]]
        assert set(item) <= set(allowed), item["instanceType"]
        missing = {key for key, rule in allowed.items() if rule.startswith("!")} - set(item)
        assert not missing, (item["instanceType"], missing)
        for key, value in item.items():
            rule = allowed[key].removeprefix("!")
            values = value if rule.startswith("[]") else [value]
            assert all(_fits(each, rule.removeprefix("[]").split("|")) for each in values), (item["id"], key)


def _fits(value: Any, kinds: list[str]) -> bool:
    if isinstance(value, dict):
        return value["instanceType"] in kinds
    return any(kind in SCALARS and isinstance(value, SCALARS[kind]) for kind in kinds)


@pytest.mark.skipif(
    "EUEXIA_USDM_SCHEMA" not in os.environ, reason="EUEXIA_USDM_SCHEMA names no official schema"
)
def test_it_is_valid_against_the_official_schema(text: str) -> None:
    """The JSON Schema of USDM 4.0, derived from the API of cdisc-org/DDF-RA."""
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(Path(os.environ["EUEXIA_USDM_SCHEMA"]).read_text(encoding="utf-8"))
    assert not list(jsonschema.Draft202012Validator(schema).iter_errors(json.loads(text)))


@pytest.mark.skipif("EUEXIA_USDM_EXAMPLE" not in os.environ, reason="EUEXIA_USDM_EXAMPLE names no example")
def test_an_official_example_becomes_a_draft() -> None:
    """Such as CDISC_Pilot_Study.json of cdisc-org/DDF-RA, in version 4 of USDM."""
    path = Path(os.environ["EUEXIA_USDM_EXAMPLE"])
    text = path.read_text(encoding="utf-8")
    study = usdm.study(text, path.name)
    drafted = usdm.draft(text, path.name)
    assert all(json.dumps(arm.label, ensure_ascii=False) in drafted for arm in study.arms)
    assert "TODO" in drafted
