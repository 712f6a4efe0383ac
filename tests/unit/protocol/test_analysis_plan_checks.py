"""Faults of endpoints, estimands, methods and options in a file: every one named, with a way out."""

from importlib.resources import files

import pytest
import yaml

from euexia import protocol
from euexia.core.errors import DataFileError

BASE = yaml.load(
    (files("euexia") / "data" / "protocols" / "lenalidomide.yaml").read_text(encoding="utf-8"),
    Loader=yaml.BaseLoader,
)
MEAN = {"death": "while_alive", "discontinuation": "treatment_policy", "missing": "hypothetical"}
WEIGHT = {"label": "Weight", "kind": "longitudinal", "role": "secondary", "day": "8 weeks"}


def text_with(**sections):
    """Return the shipped protocol with entries added to its sections, as YAML."""
    whole = dict(BASE)
    for section, entries in sections.items():
        whole[section] = {**whole.get(section, {}), **entries}
    return yaml.safe_dump(whole, sort_keys=False)


def faults(**sections):
    with pytest.raises(DataFileError) as caught:
        protocol.loads(text_with(**sections), "mine.yaml")
    return str(caught.value)


def endpoint(**keys):
    return {"endpoints": {"extra": {**WEIGHT, **keys}}, "estimands": {"extra": {**MEAN, "summary": "mean"}}}


def analysis(method, of="energy_intake", **keys):
    return {
        "analyses": {
            "extra": {"endpoint": of, "method": method, "arm": "fixed", "control": "control", **keys}
        }
    }


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        (endpoint(), ["needs 'measure'"]),
        (endpoint(measure="body_weight", days=["8 weeks", "4 weeks"]), ["the days do not lead up to day 56"]),
        (
            endpoint(measure="body_weight", days=["9 days", "8 weeks"]),
            ["no visit measures 'body_weight' on day 9"],
        ),
        (endpoint(measure="body_weight", first_of=["death"]), ["kind longitudinal has no 'first_of'"]),
        (endpoint(kind="time_to_event"), ["a time to event needs 'first_of'"]),
        (
            endpoint(kind="time_to_event", first_of=["dead"]),
            ["no event called 'dead'", "Did you mean 'death'?"],
        ),
        (endpoint(kind="time_to_event", first_of=["condition"]), ["the awaited condition is missing"]),
        (
            endpoint(kind="time_to_event", first_of=["death"], competing=["death"]),
            ["'death' is awaited and competing at once"],
        ),
        (endpoint(kind="time_to_event", first_of=["death"]), ["death is one of the awaited events"]),
        (endpoint(kind="hierarchical"), ["a hierarchical endpoint needs 'order'"]),
        (endpoint(kind="hierarchical", order=[{"what": "change"}]), ["'change' needs 'measure'"]),
        (
            endpoint(kind="hierarchical", order=[{"what": "survival", "tie_within": "3 kg"}]),
            ["endpoints.extra.order.1.tie_within"],
        ),
        (
            {"estimands": {"energy_intake": {**MEAN, "death": "composite_failure", "summary": "mean"}}},
            ["a change has no value that means failure"],
        ),
        (
            {"estimands": {"energy_intake": {**MEAN, "death": "principal_stratum", "summary": "mean"}}},
            ["a principal stratum is refused", "survivor_bounds"],
        ),
        (
            {"estimands": {"energy_intake": {**MEAN, "missing": "while_on_treatment", "summary": "mean"}}},
            ["while on treatment says nothing about a missing reading"],
        ),
        (
            {"estimands": {"other": {**MEAN, "of": "weigt", "summary": "mean"}}},
            ["no endpoint called 'weigt'"],
        ),
        (
            {"estimands": {"other": {**MEAN, "of": "energy_intake", "summary": "hazard"}}},
            ["'hazard' does not sum up an endpoint of kind change"],
        ),
        (analysis("mmrm"), ["'mmrm' does not suit an endpoint of kind change"]),
        (analysis("ranked_ancova"), ["estimates the summary measure ranks", "add an estimand with 'of:'"]),
        (analysis("ancova", estimand="response"), ["estimand 'response' is of 'response'"]),
        (
            analysis("ancova", options={"covariance": ["unstructured"]}),
            ["'ancova' has no option 'covariance'"],
        ),
        (
            analysis("ancova", options={"covariates": ["weight"]}),
            ["'weight' is not known of patients on day 0"],
        ),
        (analysis("ancova", options={"margin": "equal"}), ["analyses.extra.options.margin: unknown key"]),
        (analysis("cmh", of="response"), ["a stratified test needs strata"]),
        (analysis("miettinen_nurminen", of="response", control="fixed"), ["compares two arms"]),
        (
            {"multiplicity": {"procedure": "dunnett", "analyses": ["response_fixed", "energy_intake_fixed"]}},
            ["several arms with one control", "compares no means"],
        ),
        (
            {"multiplicity": {"procedure": "holm", "analyses": ["response_fixed"], "weights": {"x": "1"}}},
            ["several different tests must be named", "'holm' has no 'weights'"],
        ),
        (
            {"multiplicity": {"procedure": "holm", "analyses": ["response_fixed", "resp"]}},
            ["no analysis called 'resp'"],
        ),
    ],
)
def test_a_fault_is_named_with_a_way_out(sections, said):
    message = faults(**sections)
    for part in said:
        assert part in message


def test_ties_are_read_in_the_unit_of_what_is_compared():
    order = [
        {"what": "survival", "tie_within": "1 week"},
        {"what": "percent_change", "measure": "lean_mass_ct", "tie_within": "2 %"},
        {"what": "change", "measure": "body_weight", "tie_within": "500 g"},
        {"what": "events", "events": "rash", "tie_within": "1"},
    ]
    sections = endpoint(kind="hierarchical", order=order)
    sections["estimands"]["extra"] |= {"death": "composite_failure", "summary": "wins"}
    loaded = protocol.loads(text_with(**sections), "mine.yaml")
    steps = next(e for e in loaded.endpoints if e.name == "extra").order
    assert [step.tie_within for step in steps] == [7.0, 0.02, 0.5, 1.0]


def test_keys_that_came_later_leave_the_fingerprint_alone_unless_used():
    shipped = protocol.loads(text_with(), "a.yaml")
    same = protocol.loads(text_with(**analysis("mean_difference")), "b.yaml")
    used = protocol.loads(text_with(**analysis("mean_difference", options={})), "c.yaml")
    assert protocol.fingerprint(shipped) != protocol.fingerprint(same)
    assert same.analyses[-1].options is None
    assert protocol.fingerprint(used) != protocol.fingerprint(same)
