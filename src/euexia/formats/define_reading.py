"""Read Define-XML 2.1 (and 2.0), without trusting the file: no document types, no entities."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from euexia.formats import dates
from euexia.formats.dataset import DataType, TargetType, Variable
from euexia.formats.define import (
    Check,
    CodeList,
    CodeListItem,
    Comment,
    DatasetDefinition,
    Definition,
    Item,
    Method,
    Standard,
    ValueList,
    WhereClause,
)
from euexia.formats.files import fault, read_bytes, refusal

KIND = "Define-XML file"
ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
DEF = "{http://www.cdisc.org/ns/def/v2.1}"
DEF_2_0 = "{http://www.cdisc.org/ns/def/v2.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
TYPES = {
    "text": DataType.STRING,
    "integer": DataType.INTEGER,
    "float": DataType.FLOAT,
    "date": DataType.DATE,
    "datetime": DataType.DATETIME,
    "time": DataType.TIME,
    "partialDate": DataType.DATE,
    "partialTime": DataType.TIME,
    "partialDatetime": DataType.DATETIME,
    "incompleteDatetime": DataType.DATETIME,
    "durationDatetime": DataType.STRING,
    "intervalDatetime": DataType.STRING,
}
Element = ElementTree.Element


class _DocumentTypeError(ValueError):
    """The file declares a document type."""


def read(path: str | Path) -> Definition:
    """Read a Define-XML file; DataFileError if it is not well-formed, not safe, or not a definition."""
    path = Path(path)
    root = _root(read_bytes(path, KIND), str(path))
    version = root.find(f"{ODM}Study/{ODM}MetaDataVersion")
    study = root.find(f"{ODM}Study")
    if root.tag != f"{ODM}ODM" or study is None or version is None:
        problem = "holds no ODM element with a Study and a MetaDataVersion (namespace of ODM 1.3)."
        raise refusal(str(path), KIND, [fault("file", problem)])
    defined = _get(version, "DefineVersion")
    if not defined.startswith(("2.0", "2.1")):
        problem = f"is '{defined}'; this reader knows 2.0 and 2.1."
        raise refusal(str(path), KIND, [fault("def:DefineVersion", problem)])
    items = {one.get("OID", ""): one for one in version.iter(f"{ODM}ItemDef")}
    missing = _missing_items(version, items)
    if missing:
        problems = [fault(f"ItemRef {oid}", "there is no ItemDef of this OID.") for oid in missing]
        raise refusal(str(path), KIND, problems)
    return Definition(
        study_oid=study.get("OID", ""), study_name=_path_text(study, "StudyName"),
        study_description=_path_text(study, "StudyDescription"),
        protocol_name=_path_text(study, "ProtocolName"), metadata_version_oid=version.get("OID", ""),
        name=version.get("Name", ""), file_oid=root.get("FileOID", ""),
        created=root.get("CreationDateTime", ""), originator=root.get("Originator", ""),
        system=root.get("SourceSystem", ""),
        system_version=root.get("SourceSystemVersion", ""), context=_get(root, "Context"), version=defined,
        standards=tuple(_standard(one) for one in _all(version, "Standard")),
        datasets=tuple(_dataset(one, items) for one in version.iter(f"{ODM}ItemGroupDef")),
        value_lists=tuple(_value_list(one, items) for one in _all(version, "ValueListDef")),
        where_clauses=tuple(_where(one) for one in _all(version, "WhereClauseDef")),
        code_lists=tuple(_code_list(one) for one in version.iter(f"{ODM}CodeList")),
        methods=tuple(_method(one) for one in version.iter(f"{ODM}MethodDef")),
        comments=tuple(_comment(one) for one in _all(version, "CommentDef")),
        notes=_left_out(version),
    )  # fmt: skip


def _root(raw: bytes, file: str) -> Element:
    """Parse the file, refusing document types and so every entity of its own."""
    watcher = expat.ParserCreate()
    watcher.StartDoctypeDeclHandler = _refuse_document_type
    try:
        watcher.Parse(raw, True)
        return ElementTree.fromstring(raw)
    except _DocumentTypeError as error:
        problem = "declares a document type, which could make a reader open other files; it is refused."
        raise refusal(file, KIND, [fault("file", problem, "Take the declaration out.")]) from error
    except (expat.ExpatError, ElementTree.ParseError) as error:
        raise refusal(file, KIND, [fault("file", f"is not well-formed XML: {error}.")]) from error


def _refuse_document_type(*_: object) -> None:
    raise _DocumentTypeError


def _missing_items(version: Element, items: dict[str, Element]) -> list[str]:
    """List the ItemRefs that lead nowhere."""
    wanted = {one.get("ItemOID", "") for one in version.iter(f"{ODM}ItemRef")}
    return sorted(wanted - items.keys())


def _all(version: Element, name: str) -> Iterator[Element]:
    """Find the elements of the def namespace, of either version."""
    yield from version.iter(f"{DEF}{name}")
    yield from version.iter(f"{DEF_2_0}{name}")


def _get(element: Element, name: str) -> str:
    """Read an attribute of the def namespace, of either version."""
    return element.get(f"{DEF}{name}") or element.get(f"{DEF_2_0}{name}") or ""


def _path_text(study: Element, name: str) -> str:
    return (study.findtext(f"{ODM}GlobalVariables/{ODM}{name}") or "").strip()


def _described(element: Element) -> str:
    """Read the description of an element."""
    return (element.findtext(f"{ODM}Description/{ODM}TranslatedText") or "").strip()


def _standard(one: Element) -> Standard:
    return Standard(
        oid=one.get("OID", ""), name=one.get("Name", ""), kind=one.get("Type", ""),
        version=one.get("Version", ""), publishing_set=one.get("PublishingSet", ""),
        status=one.get("Status", ""),
    )  # fmt: skip


def _dataset(one: Element, items: dict[str, Element]) -> DatasetDefinition:
    """Read an ItemGroupDef."""
    leaf = next(_all(one, "leaf"), None)
    about = next(_all(one, "Class"), None)
    return DatasetDefinition(
        oid=one.get("OID", ""), name=one.get("Name", ""), label=_described(one), domain=one.get("Domain", ""),
        class_name=(about.get("Name", "") if about is not None else _get(one, "Class")),
        structure=_get(one, "Structure"), purpose=one.get("Purpose", ""),
        repeating=one.get("Repeating") == "Yes", reference_data=one.get("IsReferenceData") == "Yes",
        file="" if leaf is None else leaf.get(f"{XLINK}href", ""), standard_oid=_get(one, "StandardOID"),
        comment_oid=_get(one, "CommentOID"), items=tuple(_refs(one, items)),
    )  # fmt: skip


def _refs(owner: Element, items: dict[str, Element]) -> Iterator[Item]:
    """Read the variables (or values) of a dataset (or value list), in their order."""
    refs = list(owner.findall(f"{ODM}ItemRef"))
    for ref in sorted(refs, key=lambda one: int(one.get("OrderNumber") or 0)):
        yield _item(ref, items[ref.get("ItemOID", "")])


def _item(ref: Element, one: Element) -> Item:
    """Read an ItemDef and what its reference says about it."""
    origin = next(_all(one, "Origin"), None)
    value_list = next(_all(one, "ValueListRef"), None)
    return Item(
        variable=_variable(ref, one, "" if origin is None else origin.get("Type", "")),
        mandatory=ref.get("Mandatory") == "Yes", role=ref.get("Role", ""),
        significant_digits=_whole(one.get("SignificantDigits")),
        origin_text="" if origin is None else _described(origin),
        source="" if origin is None else origin.get("Source", ""),
        method_oid=ref.get("MethodOID", ""), comment_oid=_get(one, "CommentOID"),
        value_list_oid="" if value_list is None else value_list.get("ValueListOID", ""),
        where_oids=tuple(clause.get("WhereClauseOID", "") for clause in _all(ref, "WhereClauseRef")),
        define_type=one.get("DataType", ""),
    )  # fmt: skip


def _variable(ref: Element, one: Element, origin: str) -> Variable:
    shown = _get(one, "DisplayFormat")
    data_type = TYPES.get(one.get("DataType", ""), DataType.STRING)
    kind = dates.sas_format_type(shown) if data_type.is_number else None
    code_list = one.find(f"{ODM}CodeListRef")
    return Variable(
        name=one.get("Name", ""), label=_described(one), data_type=kind or data_type,
        target_type=None if kind is None else TargetType.INTEGER, length=_whole(one.get("Length")),
        display_format=shown, key_sequence=_whole(ref.get("KeySequence")), origin=origin,
        code_list="" if code_list is None else code_list.get("CodeListOID", ""), oid=one.get("OID", ""),
    )  # fmt: skip


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _where(one: Element) -> WhereClause:
    checks = tuple(
        Check(
            item_oid=_get(check, "ItemOID"),
            comparator=check.get("Comparator", ""),
            values=tuple((value.text or "").strip() for value in check.findall(f"{ODM}CheckValue")),
        )
        for check in one.findall(f"{ODM}RangeCheck")
    )
    return WhereClause(oid=one.get("OID", ""), checks=checks)


def _code_list(one: Element) -> CodeList:
    """Read a code list: items with decodes, enumerated items, or a dictionary."""
    outside = one.find(f"{ODM}ExternalCodeList")
    items = [*one.findall(f"{ODM}CodeListItem"), *one.findall(f"{ODM}EnumeratedItem")]
    return CodeList(
        oid=one.get("OID", ""), name=one.get("Name", ""), data_type=one.get("DataType", ""),
        items=tuple(
            CodeListItem(
                value=item.get("CodedValue", ""), rank=item.get("Rank", ""), code=_alias(item),
                decode=(item.findtext(f"{ODM}Decode/{ODM}TranslatedText") or "").strip(),
            )
            for item in items
        ),
        dictionary="" if outside is None else outside.get("Dictionary", ""),
        dictionary_version="" if outside is None else outside.get("Version", ""),
        standard_oid=_get(one, "StandardOID"), code=_alias(one),
    )  # fmt: skip


def _alias(one: Element) -> str:
    """Read the code of the terminology, if there is one."""
    alias = one.find(f"{ODM}Alias")
    return "" if alias is None else alias.get("Name", "")


def _method(one: Element) -> Method:
    return Method(
        oid=one.get("OID", ""),
        name=one.get("Name", ""),
        kind=one.get("Type", ""),
        description=_described(one),
    )


def _comment(one: Element) -> Comment:
    return Comment(oid=one.get("OID", ""), description=_described(one))


def _value_list(one: Element, items: dict[str, Element]) -> ValueList:
    return ValueList(oid=one.get("OID", ""), items=tuple(_refs(one, items)))


def _left_out(version: Element) -> tuple[str, ...]:
    """Say which parts of the file are not kept."""
    known = {"Standards", "ValueListDef", "WhereClauseDef", "ItemGroupDef", "ItemDef", "CodeList",
             "MethodDef", "CommentDef"}  # fmt: skip
    tags = [str(child.tag).rpartition("}")[2] for child in version]
    return tuple(f"{tag} is not kept ({tags.count(tag)})." for tag in sorted(set(tags) - known))
