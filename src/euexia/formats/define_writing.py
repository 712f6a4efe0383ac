"""Write Define-XML 2.1: elements and attributes in the order of the standard, references checked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from euexia.formats.define import (
    NUMBER_LENGTH,
    CodeList,
    Comment,
    DatasetDefinition,
    Definition,
    Item,
    Method,
    Standard,
    WhereClause,
    check,
    define_type,
)
from euexia.formats.define_reading import DEF, ODM, XLINK
from euexia.formats.files import fault, not_writable, replacing

KIND = "Define-XML 2.1"
XML = "{http://www.w3.org/XML/1998/namespace}"
TERMINOLOGY = "nci:ExtCodeID"
WITH_LENGTH = ("text", "integer", "float")
FRACTION_DIGITS = 2
Element = ElementTree.Element


def write(path: str | Path, definition: Definition) -> None:
    """Write a definition; OutputError names identifiers that are there twice and references to nothing."""
    path = Path(path)
    faults = list(check(definition))
    if not definition.created:
        faults.append(fault("created", "is empty; the standard wants the moment of creation."))
    if faults:
        raise not_writable(definition.study_name or str(path), KIND, faults)
    root = _root(definition)
    for prefix, space in (("", ODM), ("def", DEF), ("xlink", XLINK)):
        ElementTree.register_namespace(prefix, space[1:-1])
    ElementTree.indent(root)
    with replacing(path) as file:
        ElementTree.ElementTree(root).write(file, encoding="UTF-8", xml_declaration=True)
        file.write(b"\n")


def _root(definition: Definition) -> Element:
    """Build the whole document."""
    about = {"ODMVersion": "1.3.2", "FileType": "Snapshot",
             "FileOID": definition.file_oid or definition.study_oid,
             "CreationDateTime": definition.created, "Originator": definition.originator,
             "SourceSystem": definition.system, "SourceSystemVersion": definition.system_version,
             f"{DEF}Context": definition.context or "Other"}  # fmt: skip
    root = _element(None, f"{ODM}ODM", about)
    study = _element(root, f"{ODM}Study", {"OID": definition.study_oid})
    names = _element(study, f"{ODM}GlobalVariables", {})
    about_study = {"StudyName": definition.study_name, "StudyDescription": definition.study_description,
                   "ProtocolName": definition.protocol_name}  # fmt: skip
    for tag, text in about_study.items():
        _element(names, f"{ODM}{tag}", {}).text = text or definition.study_name
    version = _element(
        study, f"{ODM}MetaDataVersion",
        {"OID": definition.metadata_version_oid or f"MDV.{definition.study_oid}",
         "Name": definition.name or f"{definition.study_name}, data definitions",
         f"{DEF}DefineVersion": "2.1.0"},
    )  # fmt: skip
    _standards(version, definition.standards)
    for value_list in definition.value_lists:
        owner = _element(version, f"{DEF}ValueListDef", {"OID": value_list.oid})
        _refs(owner, value_list.items)
    for clause in definition.where_clauses:
        _where(version, clause)
    for dataset in definition.datasets:
        _dataset(version, dataset)
    _items(version, definition)
    for code_list in definition.code_lists:
        _code_list(version, code_list)
    for method in definition.methods:
        _method(version, method)
    for comment in definition.comments:
        _comment(version, comment)
    return root


def _element(parent: Element | None, tag: str, attributes: dict[str, str]) -> Element:
    """Make an element with the attributes that are not empty."""
    kept = {name: value for name, value in attributes.items() if value}
    if parent is None:
        return ElementTree.Element(tag, kept)
    return ElementTree.SubElement(parent, tag, kept)


def _described(parent: Element, text: str, tag: str = "Description") -> None:
    """Add a description, if there is one."""
    if text:
        owner = _element(parent, f"{ODM}{tag}", {})
        _element(owner, f"{ODM}TranslatedText", {f"{XML}lang": "en"}).text = text


def _yes(value: bool) -> str:
    return "Yes" if value else "No"


def _standards(version: Element, standards: Iterable[Standard]) -> None:
    owner = None
    for one in standards:
        owner = _element(version, f"{DEF}Standards", {}) if owner is None else owner
        _element(
            owner, f"{DEF}Standard",
            {"OID": one.oid, "Name": one.name, "Type": one.kind, "PublishingSet": one.publishing_set,
             "Version": one.version, "Status": one.status},
        )  # fmt: skip


def _refs(owner: Element, items: Iterable[Item]) -> None:
    """Refer to variables (or values), in order."""
    for number, item in enumerate(items, start=1):
        key = item.variable.key_sequence
        ref = _element(
            owner, f"{ODM}ItemRef",
            {"ItemOID": item.variable.oid, "OrderNumber": str(number), "Mandatory": _yes(item.mandatory),
             "KeySequence": "" if key is None else str(key), "MethodOID": item.method_oid, "Role": item.role},
        )  # fmt: skip
        for oid in item.where_oids:
            _element(ref, f"{DEF}WhereClauseRef", {"WhereClauseOID": oid})


def _where(version: Element, clause: WhereClause) -> None:
    owner = _element(version, f"{DEF}WhereClauseDef", {"OID": clause.oid})
    for one in clause.checks:
        attributes = {"SoftHard": "Soft", f"{DEF}ItemOID": one.item_oid, "Comparator": one.comparator}
        check_element = _element(owner, f"{ODM}RangeCheck", attributes)
        for value in one.values:
            _element(check_element, f"{ODM}CheckValue", {}).text = value


def _dataset(version: Element, one: DatasetDefinition) -> None:
    """Write an ItemGroupDef."""
    leaf = f"LF.{one.name}" if one.file else ""
    owner = _element(
        version, f"{ODM}ItemGroupDef",
        {"OID": one.oid, "Name": one.name, "Domain": one.domain, "SASDatasetName": one.name,
         "Repeating": _yes(one.repeating), "IsReferenceData": _yes(one.reference_data),
         "Purpose": one.purpose,
         f"{DEF}Structure": one.structure, f"{DEF}StandardOID": one.standard_oid,
         f"{DEF}CommentOID": one.comment_oid, f"{DEF}ArchiveLocationID": leaf},
    )  # fmt: skip
    _described(owner, one.label)
    _refs(owner, one.items)
    if one.class_name:
        _element(owner, f"{DEF}Class", {"Name": one.class_name})
    if leaf:
        link = _element(owner, f"{DEF}leaf", {"ID": leaf, f"{XLINK}href": one.file})
        _element(link, f"{DEF}title", {}).text = one.file


def _items(version: Element, definition: Definition) -> None:
    """Write every ItemDef once: the variables of the datasets, then the values of the value lists."""
    written: set[str] = set()
    groups = [dataset.items for dataset in definition.datasets] + [
        one.items for one in definition.value_lists
    ]
    for item in (item for items in groups for item in items):
        if item.variable.oid not in written:
            written.add(item.variable.oid)
            _item(version, item)


def _item(version: Element, item: Item) -> None:
    """Write an ItemDef."""
    variable, kind = item.variable, item.define_type or define_type(item.variable)
    length = str(variable.length or NUMBER_LENGTH) if kind in WITH_LENGTH else ""
    digits = item.significant_digits if item.significant_digits is not None else FRACTION_DIGITS
    owner = _element(
        version, f"{ODM}ItemDef",
        {"OID": variable.oid, "Name": variable.name, "DataType": kind, "Length": length,
         "SignificantDigits": str(digits) if kind == "float" else "", "SASFieldName": variable.name,
         f"{DEF}DisplayFormat": variable.display_format, f"{DEF}CommentOID": item.comment_oid},
    )  # fmt: skip
    _described(owner, variable.label)
    if variable.code_list:
        _element(owner, f"{ODM}CodeListRef", {"CodeListOID": variable.code_list})
    if variable.origin:
        origin = _element(owner, f"{DEF}Origin", {"Type": variable.origin, "Source": item.source})
        _described(origin, item.origin_text)
    if item.value_list_oid:
        _element(owner, f"{DEF}ValueListRef", {"ValueListOID": item.value_list_oid})


def _code_list(version: Element, one: CodeList) -> None:
    """Write a code list."""
    attributes = {"OID": one.oid, "Name": one.name, "DataType": one.data_type}
    attributes |= (
        {f"{DEF}StandardOID": one.standard_oid} if one.standard_oid else {f"{DEF}IsNonStandard": "Yes"}
    )
    owner = _element(version, f"{ODM}CodeList", {} if one.dictionary else attributes)
    if one.dictionary:
        owner.attrib.update({key: attributes[key] for key in ("OID", "Name", "DataType")})
        _element(
            owner, f"{ODM}ExternalCodeList", {"Dictionary": one.dictionary, "Version": one.dictionary_version}
        )
    decoded = any(item.decode for item in one.items)
    for item in one.items:
        tag = "CodeListItem" if decoded else "EnumeratedItem"
        written = _element(owner, f"{ODM}{tag}", {"Rank": item.rank})
        written.set("CodedValue", item.value)
        if decoded:
            _described(written, item.decode or item.value, "Decode")
        if item.code:
            _element(written, f"{ODM}Alias", {"Context": TERMINOLOGY, "Name": item.code})
    if one.code:
        _element(owner, f"{ODM}Alias", {"Context": TERMINOLOGY, "Name": one.code})


def _method(version: Element, one: Method) -> None:
    attributes = {"OID": one.oid, "Name": one.name, "Type": one.kind}
    _described(_element(version, f"{ODM}MethodDef", attributes), one.description or one.name)


def _comment(version: Element, one: Comment) -> None:
    _described(_element(version, f"{DEF}CommentDef", {"OID": one.oid}), one.description)
