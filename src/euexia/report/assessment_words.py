"""What definitions and missing readings are called in the pages about real patients."""

from __future__ import annotations

from collections.abc import Mapping

from euexia.assess.columns import INGREDIENTS, LOSSES
from euexia.assess.vocabulary import term, terms
from euexia.criteria.catalogue import DEFINITIONS
from euexia.criteria.outcome import Outcome
from euexia.criteria.weight_loss import MONTH, tolerance

LABELS: Mapping[str, str] = {
    "nct01127386": "Inflammatory cachexia (NCT01127386)",
    "fearon2011": "Cachexia, Fearon 2011",
    "fearon2011_sarcopenia": "Low muscle, Fearon 2011",
    "evans2008": "Cachexia, Evans 2008",
    "nci_wording": "Cachexia, NCI wording",
    "awgc2023": "Cachexia, AWGC 2023",
    "glim": "Malnutrition, GLIM 2019",
    "glim_muscle": "Low muscle, GLIM 2019",
    "prado2008": "Low muscle, Prado 2008",
    "martin2013": "Low muscle, Martin 2013",
    "martin2013_radiodensity": "Low radiodensity, Martin 2013",
    "vanderwerf2018": "Low muscle, van der Werf 2018",
    "vanderwerf2018_by_age": "Low muscle by age, van der Werf 2018",
    "derstine2018": "Low muscle, Derstine 2018",
    "ffmi": "Fat-free mass index, ESPEN 2015",
    "espen2015_low_bmi": "Low body-mass index, ESPEN 2015",
    "asmi": "Appendicular lean mass index",
    "bmi": "Body-mass index",
    "weight_loss": "Weight loss, 6 months",
    "mourtzakis2008": "Fat-free mass (CT), Mourtzakis 2008",
    "mourtzakis2008_fat": "Fat mass (CT), Mourtzakis 2008",
    "ct_smi": "Skeletal muscle index (CT)",
    "lbm_boer": "Lean mass, Boer",
    "lbm_james": "Lean mass, James",
    "lbm_hume": "Lean mass, Hume",
    "lbm_janmahasatian": "Lean mass, Janmahasatian",
    "bia_janssen": "Muscle (impedance), Janssen",
    "bia_sergi": "Appendicular muscle (impedance), Sergi",
    "casco2011": "CASCO bands 2011",
    "casco2017": "CASCO bands 2017",
    "pgsga_sf": "PG-SGA short form",
    "snaq_kruizenga": "SNAQ (Kruizenga)",
    "snaq_wilson": "SNAQ (Wilson)",
    "css2018": "Cachexia staging score 2018",
    "gps": "Glasgow score (GPS)",
    "mgps": "Modified Glasgow score",
    "wlgs2015": "Weight-loss grade, Martin 2015",
    "cachexia_index": "Cachexia index",
    "must": "MUST",
    "nrs2002": "NRS 2002",
    "mst": "MST",
    "sarc_f": "SARC-F",
    "sarc_calf": "SARC-CalF",
    "ewgsop2": "Sarcopenia, EWGSOP2",
    "awgs2019": "Sarcopenia, AWGS 2019",
    "fnih2014": "Sarcopenia, FNIH 2014",
    "sdoc2020": "Sarcopenia, SDOC 2020",
    "pni": "Prognostic nutritional index",
    "nlr": "Neutrophils to lymphocytes",
    "car": "CRP to albumin",
}
"""Short names; a definition without one is called by its identifier."""


SPELLED: Mapping[str, str] = {
    "acs": "A/CS",
    "awgs2019": "AWGS 2019",
    "crp": "CRP",
    "ctcae": "CTCAE",
    "ctcae5": "CTCAE 5",
    "ctcae6": "CTCAE 6",
    "ecog": "ECOG",
    "esas": "ESAS",
    "eu": "EU",
    "ewgsop2": "EWGSOP2",
    "faact": "FAACT",
    "fact": "FACT",
    "fnih2014": "FNIH 2014",
    "nct01127386": "(NCT01127386)",
    "nct03743064": "(NCT03743064)",
    "pro": "PRO",
    "qlq": "QLQ",
    "c30": "C30",
    "resp": "response",
    "sdoc2020": "SDOC 2020",
    "sppb": "SPPB",
    "tug": "TUG",
    "us": "US",
    "weight5": "weight over 5 %",
}
"""Words of identifiers as people write them."""

EARLIER_WEIGHTS: Mapping[str, str] = {
    "ongoing_loss": "4 weeks before (± 14 days)",
    "weight_decreased_2_weeks": "2 weeks before (± 7 days)",
    "weight_loss_3_to_6_months": "3 or 6 months before",
    "weight_loss_beyond_6_months": "12 months before (± 30 days)",
    "reference_weight": "6 months before (± 30 days)",
}
"""When a weight would have to be known for each reading that is made of two weights."""


def label(name: str) -> str:
    """Return what a definition is called."""
    words = " ".join(SPELLED.get(word, word) for word in name.split("_"))
    return LABELS.get(name, words[:1].upper() + words[1:])


def answer(outcome: Outcome, index: int) -> str:
    """Return one answer in a word or number, as a reader wants it."""
    if outcome.truth is not None:
        said = {1: "yes", 0: "no", -1: "unknown"}[int(outcome.truth[index])]
        return f"{said}, {_category(outcome, index)}" if said == "yes" and _category(outcome, index) else said
    if outcome.category is not None:
        word = _category(outcome, index)
        value = _value(outcome, index)
        if not word:
            return "unknown"
        return f"{word} ({value})" if value and not word.startswith(value) else word
    return _value(outcome, index) or "unknown"


def _category(outcome: Outcome, index: int) -> str:
    if outcome.category is None or int(outcome.category[index]) < 0:
        return ""
    return outcome.categories[int(outcome.category[index])]


def _value(outcome: Outcome, index: int) -> str:
    if outcome.value is None or outcome.value[index] != outcome.value[index]:
        return ""
    return f"{float(outcome.value[index]):.4g}"


def reading_name(name: str) -> str:
    """Return what an input of a definition is called."""
    return term(name).label if name in terms() else name.replace("_", " ")


def to_measure(name: str, *, weighed: bool) -> str:
    """Return what has to be read so that an input is no longer missing.

    weighed: whether a body weight is in force, so that only the earlier one is wanting.
    """
    if name in LOSSES:
        days = LOSSES[name] * MONTH
        earlier = (
            f"body weight of {LOSSES[name]} months before (± {tolerance(days):.0f} days), from the notes"
        )
        return earlier if weighed else f"body weight, and {earlier}"
    if name in EARLIER_WEIGHTS:
        earlier = f"body weight of {EARLIER_WEIGHTS[name]}, from the notes"
        return earlier if weighed else f"body weight, and {earlier}"
    if name in INGREDIENTS and name != "bmi":
        listed = " and ".join(reading_name(part).lower() for part in INGREDIENTS[name])
        return f"{reading_name(name).lower()} (or {listed})"
    if name == "bmi":
        return "height" if weighed else "body weight and height"
    return reading_name(name)


def source(name: str) -> str:
    """Return the citation of a definition, and what of it awaits a check against the paper."""
    definition = DEFINITIONS[name]
    text = f"{definition.source.rstrip('.')}. Version {definition.version}."
    if not definition.source_verified:
        text += " Its numbers await a check against the paper."
    if definition.unverified:
        text += f" Awaiting a check: {'; '.join(definition.unverified)}."
    return text
