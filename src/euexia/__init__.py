"""Design, simulate, run and read trials against cancer cachexia.

::

    import euexia

    protocol = euexia.load_protocol("lenalidomide")
    data = euexia.simulate(protocol, trials=1, seed=1)
    endpoints = euexia.derive(data, protocol)
    results = euexia.analyse(endpoints, protocol)
    euexia.report("my-report", protocol=protocol, data=data, results=results)

Names are loaded when they are first used, so that importing Euexia costs nothing.  ``simulate``, ``analyse``
and ``report`` are packages as well as functions: calling one calls the function of the public interface.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from euexia.version import __version__

if TYPE_CHECKING:  # for editors and type checkers; _HOMES and _STAGES say the same at run time
    from euexia.analyse import run as analyse
    from euexia.analyse.result import Result
    from euexia.core.errors import (
        DataFileError,
        EuexiaError,
        InputError,
        NumericalError,
        OutputError,
        TrialDataError,
        UnitError,
        UnknownNameError,
        WorkerError,
    )
    from euexia.endpoints import EndpointTable, derive
    from euexia.parameters import ParameterSet
    from euexia.parameters import load as load_parameters
    from euexia.protocol import load as load_protocol
    from euexia.protocol.protocol import Protocol
    from euexia.protocol.registry import draft as draft_protocol
    from euexia.report import write_study as report_study
    from euexia.report import write_trials as report
    from euexia.study.adaptive_simulation import simulate
    from euexia.study.operating import OperatingCharacteristics
    from euexia.study.replicate import StudyResult
    from euexia.study.replicate import run as operating_characteristics
    from euexia.trialdata import TrialData

__all__ = [
    "DataFileError",
    "EndpointTable",
    "EuexiaError",
    "InputError",
    "NumericalError",
    "OperatingCharacteristics",
    "OutputError",
    "ParameterSet",
    "Protocol",
    "Result",
    "StudyResult",
    "TrialData",
    "TrialDataError",
    "UnitError",
    "UnknownNameError",
    "WorkerError",
    "__version__",
    "analyse",
    "derive",
    "draft_protocol",
    "load_parameters",
    "load_protocol",
    "operating_characteristics",
    "report",
    "report_study",
    "simulate",
]

_HOMES = {
    "DataFileError": ("euexia.core.errors", "DataFileError"),
    "EndpointTable": ("euexia.endpoints", "EndpointTable"),
    "EuexiaError": ("euexia.core.errors", "EuexiaError"),
    "InputError": ("euexia.core.errors", "InputError"),
    "NumericalError": ("euexia.core.errors", "NumericalError"),
    "OperatingCharacteristics": ("euexia.study.operating", "OperatingCharacteristics"),
    "OutputError": ("euexia.core.errors", "OutputError"),
    "ParameterSet": ("euexia.parameters", "ParameterSet"),
    "Protocol": ("euexia.protocol.protocol", "Protocol"),
    "Result": ("euexia.analyse.result", "Result"),
    "StudyResult": ("euexia.study.replicate", "StudyResult"),
    "TrialData": ("euexia.trialdata", "TrialData"),
    "TrialDataError": ("euexia.core.errors", "TrialDataError"),
    "UnitError": ("euexia.core.errors", "UnitError"),
    "UnknownNameError": ("euexia.core.errors", "UnknownNameError"),
    "WorkerError": ("euexia.core.errors", "WorkerError"),
    "derive": ("euexia.endpoints", "derive"),
    "draft_protocol": ("euexia.protocol.registry", "draft"),
    "load_parameters": ("euexia.parameters", "load"),
    "load_protocol": ("euexia.protocol", "load"),
    "operating_characteristics": ("euexia.study.replicate", "run"),
    "report_study": ("euexia.report", "write_study"),
}
"""Module and name of each public name."""

_STAGES = {
    "analyse": ("euexia.analyse", "run"),
    "report": ("euexia.report", "write_trials"),
    "simulate": ("euexia.study.adaptive_simulation", "simulate"),
}
"""Packages that can be called, with the module and name of the function that is called."""


class _Stage(ModuleType):
    """A package that can be called."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        module, name = _STAGES[self.__name__.removeprefix(f"{__name__}.")]
        return getattr(import_module(module), name)(*arguments, **named)


class _Euexia(ModuleType):
    """The package ``euexia``; makes its stages callable at the moment they are imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _STAGES and isinstance(value, ModuleType):
            value.__class__ = _Stage
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Euexia


def __getattr__(name: str) -> Any:
    if name in _STAGES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    module, attribute = _HOMES[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
