"""The one door to every definition by its identifier."""

from __future__ import annotations

import pytest

from euexia import criteria
from euexia.core.errors import InputError, UnknownNameError
from euexia.core.logic import TRUE
from euexia.criteria.definition import Definition


def test_ask() -> None:
    outcome = criteria.ask("fearon2011", weight_loss_6_months=[0.06, 0.05], bmi=25, sarcopenia=0)
    assert outcome.truth is not None
    assert outcome.truth.tolist() == [TRUE, 0]


def test_unknown_names_are_told_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'fearon2011'"):
        criteria.ask("fearon2012")
    with pytest.raises(UnknownNameError, match="Did you mean 'weight_loss_6_months'"):
        criteria.ask("fearon2011", weight_loss_6_month=0.06)


def test_columns_of_different_length() -> None:
    with pytest.raises(InputError, match="fearon2011"):
        criteria.ask("fearon2011", weight_loss_6_months=[0.06, 0.05, 0.04], bmi=[20, 21])


def test_text_where_a_number_belongs() -> None:
    with pytest.raises(InputError, match="'bmi' must be a number in kg/m"):
        criteria.ask("espen2015_low_bmi", bmi=["heavy"])


def test_a_definition_without_function(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = Definition(id="bare", version="1", source="none", source_verified=True)
    monkeypatch.setattr("euexia.criteria.catalogue.DEFINITIONS", {"bare": bare})
    with pytest.raises(InputError, match="functions of its own"):
        criteria.ask("bare")


def test_nothing_else_is_public() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        criteria.nothing  # noqa: B018
