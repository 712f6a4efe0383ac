"""Every rule of the conformance check: a dataset that breaks it is found, with variable and row."""

import pytest

from builders.cdisc_samples import adsl, advs, dataset, dm, vs
from euexia.standards import conformance
from euexia.standards.conformance import rules


def found(*datasets):
    """Return the findings by the identifier of their rule."""
    return {finding.rule.id: finding for finding in conformance.check(datasets)}


def test_every_rule_has_a_test_and_an_identifier_of_its_own():
    book = rules()
    assert len({rule.id for rule in book.rules}) == len(book.rules) == 24
    assert {rule.test for rule in book.rules} == {*conformance.TESTS, "no_subjects"}


LONG = "x" * 201
LATE = ["2024-02-01", "2024-02-12", "2024-01-20", "2024-02-18"]
AFTER_DEATH = vs(USUBJID=["C", "C", "B", "B"], VSDTC=LATE)
CASES = {
    "EU001": (dm(), dataset("LONGNAMES", USUBJID=["A"]), "LONGNAMES", None),
    "EU003": (dm(), vs(VSORRES=["70", LONG, "80", "81"]), "VSORRES", 2),
    "EU005": (dm(SEX=["F", None, "F", "M"]), vs(), "SEX", 2),
    "EU006": (dm(), vs(VSDTC=["2024-01-10", "2024-02-30", "2024-01-20", "2024-02-18"]), "VSDTC", 2),
    "EU007": (dm(), vs(VSDY=[1, 0, 1, 30]), "VSDY", 2),
    "EU008": (dm(), vs(USUBJID=["A", "A", "Z", "B"]), "USUBJID", 3),
    "EU009": (dm(), vs(DOMAIN=["VS", "VS", "LB", "VS"]), "DOMAIN", 3),
    "EU010": (dm(), vs(VSTESTCD=["WEIGHT", "6MINWALK", "WEIGHT", "WEIGHT"]), "VSTESTCD", 2),
    "EU011": (dm(), vs(VSTEST=["Weight", "Mass", "Weight", "Weight"]), "VSTESTCD", 2),
    "EU012": (dm(), vs(VSLOBXFL=["Y", "N", "Y", None]), "VSLOBXFL", 2),
    "EU013": (dm(), vs(VSLOBXFL=["Y", "Y", "Y", None]), "VSLOBXFL", 2),
    "EU014": (dm(), vs(VSDY=[1, 29, 1, 31]), "VSDY", 4),
    "EU015": (dm(), vs(VSSTAT=["NOT DONE", None, None, None]), "VSSTAT", 1),
    "EU016": (dm(), vs(VSSTRESU=["kg", "LB", "kg", "kg"]), "VSSTRESU", 2),
    "EU017": (adsl(), advs(BASE=[70, 70, 70], CHG=[None, -2, -1]), "CHG", 2),
    "EU018": (dm(RFENDTC=["2024-03-01", "2024-01-01", "2024-02-11", None]), vs(), "RFENDTC", 2),
    "EU019": (dm(), vs(STUDYID=["S1", "S1", "S2", "S1"]), "STUDYID", 3),
    "EU020": (dm(), vs(VSSEQ=[1, 1, 1, 2]), "VSSEQ", 2),
    "EU021": (dm(SEX=["F", "MALE", "F", "M"]), vs(), "SEX", 2),
    "EU023": (adsl(), advs(TRTP=["Placebo", "Drug 25 mg", "Placebo"]), "TRTP", 2),
    "EU024": (dm(), AFTER_DEATH, "VSDTC", 2),
}  # fmt: skip


@pytest.mark.parametrize("rule", CASES)
def test_a_breach_is_found_where_it_is(rule):
    *datasets, variable, row = CASES[rule]
    breaches = [one for one in conformance.check(datasets) if one.rule.id == rule]
    assert (variable, row) in [(one.variable, one.row) for one in breaches]
    assert str(breaches[0]).startswith(f"{rule} ")


def test_labels_keys_and_subjects():
    """Datasets without labels break EU002; EU004 needs keys; EU022 wants DM or ADSL."""
    assert "EU002" in found(dm())
    assert "EU022" in found(vs())
    assert "EU004" not in found(dm(), vs())


def test_keys_that_are_there_twice_are_found():
    from dataclasses import replace

    one = vs(VISITNUM=[1, 1, 1, 2])
    keys = {"USUBJID": 1, "VSTESTCD": 2, "VISITNUM": 3}
    keyed = replace(
        one,
        variables=tuple(
            replace(variable, key_sequence=keys.get(variable.name)) for variable in one.variables
        ),
    )
    breach = found(dm(), keyed)["EU004"]
    assert breach.variable == "USUBJID, VSTESTCD, VISITNUM"
    assert breach.row == 2
