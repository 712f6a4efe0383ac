"""Define-XML 2.1: what is described is read back; references to nothing and unsafe files are refused."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from builders.formats_samples import weights
from euexia.core.errors import DataFileError, OutputError
from euexia.formats import define_xml
from euexia.formats.dataset import DataType
from euexia.formats.define import (
    Check,
    CodeList,
    CodeListItem,
    Comment,
    Definition,
    Item,
    Method,
    Standard,
    ValueList,
    WhereClause,
)

ODM = "{http://www.cdisc.org/ns/odm/v1.3}"


def definition():
    """Return a definition of the sample weights that uses every part."""
    dataset = weights()
    value = dataset.variable("AVAL")
    items = {
        "AVAL": Item(
            variable=replace(value, origin="Derived"), method_oid="MT.AVAL", value_list_oid="VL.AVAL",
            comment_oid="COM.AVAL", significant_digits=3, source="Sponsor", origin_text="VS.VSSTRESN",
        ),
        "SITEID": Item(variable=replace(dataset.variable("SITEID"), code_list="CL.SITE"), role="Identifier"),
    }  # fmt: skip
    described = replace(
        define_xml.describe(dataset, file="advs.xpt", items=items), class_name="BASIC DATA STRUCTURE",
        structure="One record per subject per visit", standard_oid="STD.1", comment_oid="COM.AVAL",
    )  # fmt: skip
    part = replace(value, name="AVAL", oid="IT.ADVS.AVAL.WEIGHT", length=8)
    value_item = Item(variable=part, where_oids=("WC.1",), significant_digits=1)
    condition = Check(item_oid="IT.ADVS.AVISITN", comparator="IN", values=("0", "1"))
    yes = (CodeListItem(value="Y"),)
    sites = (
        CodeListItem(value="007", decode="Bond"),
        CodeListItem(value="012", decode="Ström", code="C1", rank="2"),
    )
    return Definition(
        study_oid="EUX", study_name="Euexia", created="2026-01-02T03:04:05", context="Submission",
        study_description="A sample", protocol_name="EUX-1", metadata_version_oid="MDV.1",
        name="Sample", file_oid="F.1",
        standards=(Standard(oid="STD.1", name="ADaMIG", version="1.1"),),
        datasets=(described,),
        value_lists=(ValueList(oid="VL.AVAL", items=(value_item,)),),
        where_clauses=(WhereClause(oid="WC.1", checks=(condition,)),),
        code_lists=(
            CodeList(oid="CL.SITE", name="Site", items=sites),
            CodeList(oid="CL.MED", name="Dictionary", dictionary="MedDRA", dictionary_version="27.0"),
            CodeList(oid="CL.NY", name="Yes", items=yes, standard_oid="STD.1", code="C66742"),
        ),
        methods=(Method(oid="MT.AVAL", name="Value", description="As measured"),),
        comments=(Comment(oid="COM.AVAL", description="In kg"),),
    )  # fmt: skip


def test_a_definition_comes_back(tmp_path):
    written = definition()
    define_xml.write(tmp_path / "define.xml", written)
    read = define_xml.read(tmp_path / "define.xml")
    assert read.standards == written.standards
    assert read.code_lists == written.code_lists
    assert read.methods == written.methods
    assert read.comments == written.comments
    assert read.where_clauses == written.where_clauses
    mine, yours = written.datasets[0], read.datasets[0]
    assert replace(mine, items=()) == replace(yours, items=())
    for one, other in zip(mine.items, yours.items, strict=True):
        wanted = {"AVAL": DataType.FLOAT}.get(one.variable.name, one.variable.data_type)
        assert other.variable.data_type is wanted
        assert (other.method_oid, other.role, other.source) == (one.method_oid, one.role, one.source)
    assert read.dataset("ADVS").variables[5].target_type is not None
    define_xml.write(tmp_path / "again.xml", read)
    assert define_xml.read(tmp_path / "again.xml") == read


def test_elements_stand_in_the_order_of_the_standard(tmp_path):
    """The order of MetaDataVersion in Define-XML 2.1, as in CDISC's own samples."""
    define_xml.write(tmp_path / "define.xml", definition())
    root = ElementTree.parse(tmp_path / "define.xml").getroot()
    version = root.find(f"{ODM}Study/{ODM}MetaDataVersion")
    tags = [child.tag.rpartition("}")[2] for child in version]
    assert list(dict.fromkeys(tags)) == [
        "Standards", "ValueListDef", "WhereClauseDef", "ItemGroupDef", "ItemDef", "CodeList", "MethodDef",
        "CommentDef",
    ]  # fmt: skip
    assert root.get("{http://www.cdisc.org/ns/def/v2.1}Context") == "Submission"


def test_datasets_are_checked_against_the_definition():
    assert define_xml.mismatches(definition(), [weights()]) == ()
    other = replace(weights(), name="ADXX")
    assert "is not in the definition" in str(define_xml.mismatches(definition(), [other])[0])
    fewer = replace(
        weights(), variables=weights().variables[1:], columns={n: weights()[n] for n in weights().names[1:]}
    )
    assert "ADVS.USUBJID: is defined but not there" in str(define_xml.mismatches(definition(), [fewer])[0])


def test_references_to_nothing_are_named_all_at_once(tmp_path):
    broken = replace(
        definition(), code_lists=(), methods=(), standards=(), comments=(), where_clauses=(), created=""
    )
    with pytest.raises(OutputError) as told:
        define_xml.write(tmp_path / "define.xml", broken)
    for part in (
        "code list 'CL.SITE'",
        "method 'MT.AVAL'",
        "standard 'STD.1'",
        "comment 'COM.AVAL'",
        "where clause 'WC.1'",
        "created: is empty",
    ):
        assert part in str(told.value)
    twice = replace(definition(), methods=definition().methods * 2)
    assert "'MT.AVAL' is there twice" in str(define_xml.check(twice)[0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "declares a document type"),
        ("<x><y></x>", "not well-formed"),
        ("", "not well-formed"),
        ("<x/>", "holds no ODM element"),
    ],
)
def test_files_that_are_unsafe_or_no_definition_are_refused(tmp_path, text, message):
    for encoding in ("utf-8", "utf-16"):
        path = tmp_path / "define.xml"
        path.write_bytes(text.encode(encoding))
        with pytest.raises(DataFileError, match=message):
            define_xml.read(path)


def test_other_versions_and_lost_items_are_named(tmp_path):
    define_xml.write(tmp_path / "define.xml", definition())
    text = (tmp_path / "define.xml").read_text("utf-8")
    (tmp_path / "old.xml").write_text(text.replace('DefineVersion="2.1.0"', 'DefineVersion="1.0"'), "utf-8")
    with pytest.raises(DataFileError, match=r"'1\.0'; this reader knows"):
        define_xml.read(tmp_path / "old.xml")
    (tmp_path / "lost.xml").write_text(
        text.replace('<ItemDef OID="IT.ADVS.ADT"', '<ItemDef OID="IT.X"'), "utf-8"
    )
    with pytest.raises(DataFileError, match=r"ItemRef IT\.ADVS\.ADT"):
        define_xml.read(tmp_path / "lost.xml")
