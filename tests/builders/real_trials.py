"""The data of one trial, and a protocol file for them, as a user has them: no trial that was ever run."""

from __future__ import annotations

from builders.plans import eventful_stack, full_protocol
from euexia.protocol.protocol import Protocol
from euexia.standards.understanding import Understanding
from euexia.study.real import TrialAnalysis, TrialSource, analyse

PROTOCOL = """\
protocol: two_arms
title: A drug against none, for body weight
registry: ""
question: Does the drug keep body weight?
population: advanced_cancer
size: 80
eligibility: {}
arms:
  drug: {label: Drug, ratio: 1, treatments: []}
  control: {label: Control, ratio: 1, treatments: []}
background: []
rules: {}
randomisation: {method: permuted_blocks, block_size: 2}
accrual: {candidates_per_month: 10, status: assumed}
schedule:
  screening: -7 days
  treatment: 8 weeks
  follow_up: 12 weeks
  visits:
    baseline: {day: 0 days, measures: [body_weight, handgrip_strength, albumin]}
    week_4: {day: 4 weeks, window: 3 days, measures: [body_weight]}
    week_8: {day: 8 weeks, window: 3 days, measures: [body_weight, handgrip_strength, albumin]}
endpoints:
  weight:
    label: Body weight
    kind: longitudinal
    role: primary
    day: 8 weeks
    measure: body_weight
    days: [4 weeks, 8 weeks]
  grip: {label: Handgrip strength, kind: change, role: secondary, day: 8 weeks, measure: handgrip_strength}
  albumin: {label: Albumin, kind: change, role: secondary, day: 8 weeks, measure: albumin}
estimands:
  weight: {death: while_alive, discontinuation: treatment_policy, missing: hypothetical, summary: mean}
  grip: {death: while_alive, discontinuation: treatment_policy, missing: hypothetical, summary: mean}
  albumin: {death: while_alive, discontinuation: treatment_policy, missing: hypothetical, summary: mean}
analyses:
  weight_mmrm: {endpoint: weight, method: mmrm, arm: drug, control: control, primary: true}
  grip_ancova: {endpoint: grip, method: ancova, arm: drug, control: control}
  albumin_ancova: {endpoint: albumin, method: ancova, arm: drug, control: control}
multiplicity: {procedure: holm, analyses: [weight_mmrm, grip_ancova], alpha: 5 %}
assumptions: {all: Made for a test.}
"""
"""Albumin is planned and was never read: its analysis cannot be done."""


def analysed(protocol: Protocol | None = None, *, size: int = 80, seed: int = 5) -> TrialAnalysis:
    """Return one eventful trial, analysed by every method unless another protocol is given."""
    source = TrialSource(
        data=eventful_stack(1, size, seed),
        understanding=Understanding(standard="own tables"),
        path="data",
        mapping=None,
        hash="0" * 64,
    )
    return analyse(source, protocol or full_protocol())
