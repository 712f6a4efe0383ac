"""The JSON Schema of protocol files: current, valid itself, and of one mind with the reader."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest
import yaml

from euexia import protocol
from euexia.core.errors import EuexiaError
from euexia.core.quantities import parse
from euexia.protocol.schema import EXAMPLES, NUMBER, UNITS
from euexia.study import protocol_schema

jsonschema = pytest.importorskip("jsonschema")
SHIPPED = files("euexia") / "data" / "schemas" / "protocol.schema.json"
SCHEMA = json.loads(protocol_schema.text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def text_of(name):
    return (files("euexia") / "data" / "protocols" / f"{name}.yaml").read_text(encoding="utf-8")


def as_json(value):
    """Return what stands in a file as JSON has it: every key is text (``null`` is a key of analyses)."""
    if isinstance(value, dict):
        return {"null" if key is None else str(key): as_json(item) for key, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list) else value


def faults(text):
    return [error.json_path for error in VALIDATOR.iter_errors(as_json(yaml.safe_load(text)))]


def test_the_shipped_schema_is_current():
    """If this fails: euexia schema protocol > src/euexia/data/schemas/protocol.schema.json."""
    assert SHIPPED.read_text(encoding="utf-8") == protocol_schema.text()


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", protocol.shipped())
def test_every_shipped_protocol_is_valid(name):
    assert faults(text_of(name)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("size: 200 ", "sise: 200 "),
        ("dose: 25 mg", "dose: 25 weeks"),
        ("dose: 25 mg", "dose: 25"),
        ("screening: -7 days", "screening: soon"),
        ("method: permuted_blocks", "method: alternating"),
        ("masking: double_blind", "masking: very_blind"),
        ("drug: lenalidomide, dose: 25 mg", "drug: lenalidomid, dose: 25 mg"),
        ("population: inflammatory_cachexia", "population: everyone"),
        ("do: stop", "do: end"),
        ("{measure: age, above: 18 years}", "{measure: age, is_true: true}"),
        ("{measure: age, above: 18 years}", "{measure: aeg, above: 18 years}"),
        ("{measure: age, above: 18 years}", "{measure: age, above: 18 years, below: 90 years}"),
        ("day: 0 days", "day: 0 days\n      days: [1 day]"),
        ("adherence: 100 %", "adherence: all of it"),
    ],
)
def test_a_slip_is_seen_by_schema_and_reader_alike(old, new):
    text = text_of("lenalidomide")
    assert old in text
    wrong = text.replace(old, new, 1)
    assert faults(wrong)
    if "population" in old or "drug" in old:
        return  # these names are looked up when a trial is simulated
    with pytest.raises(EuexiaError):
        protocol.loads(wrong, "wrong.yaml")


@pytest.mark.parametrize("kind", UNITS)
def test_written_quantities_of_the_schema_are_read(kind):
    """What the pattern of a kind allows, the reader of quantities reads."""
    example = EXAMPLES[kind]
    assert re.fullmatch(rf"\s*{NUMBER}\s*{UNITS[kind]}\s*", example)
    assert parse(example, kind) > 0


def test_keys_are_described():
    """Every key with a description below its field in the code has it in the schema."""
    treatment = SCHEMA["$defs"]["Treatment"]["properties"]
    assert "taken up" in treatment["adherence"]["description"]
    assert treatment["dose"]["examples"] == ["25 mg"]
    assert "recheck" in SCHEMA["$defs"]["Action"]["description"]
