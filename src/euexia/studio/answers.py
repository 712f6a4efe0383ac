"""What the studio answers when something is wrong: always JSON, never where in the program."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from euexia.core.errors import DataFileError, EuexiaError, Fault, InputError, NumericalError, UnknownNameError

UNPROCESSABLE = 422


def fault_entry(fault: Fault) -> dict[str, Any]:
    """Return a fault as the page reads it."""
    return {"line": fault.line, "place": fault.place, "problem": fault.problem, "remedy": fault.remedy}


def problem(status: int, message: str, faults: Sequence[Fault] = ()) -> JSONResponse:
    """Return an answer that says what is wrong."""
    content = {"error": {"message": message, "faults": [fault_entry(fault) for fault in faults]}}
    return JSONResponse(content, status_code=status)


def plain(value: Any) -> Any:
    """Return a value with NaN and infinities as null, which JSON has not."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return value


async def _of_euexia(request: Request, error: Exception) -> JSONResponse:
    status = _status(error)
    faults = error.faults if isinstance(error, DataFileError) else ()
    return problem(status, str(error), faults)


class TooManyError(InputError):
    """More at once than is allowed."""


def _status(error: Exception) -> int:
    """Return the status of an error of Euexia."""
    if isinstance(error, TooManyError):
        return 429
    if isinstance(error, UnknownNameError):
        return 404
    return UNPROCESSABLE if isinstance(error, InputError | NumericalError) else 500


async def _of_form(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [
        Fault(line=None, place=".".join(str(part) for part in entry["loc"]), problem=f"{entry['msg']}.")
        for entry in error.errors()
    ]
    return problem(UNPROCESSABLE, "The request is not of the form that is asked for.", faults)


async def _of_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail))


def register(application: FastAPI) -> None:
    """Let every error become such an answer."""
    application.add_exception_handler(EuexiaError, _of_euexia)
    application.add_exception_handler(RequestValidationError, _of_form)
    application.add_exception_handler(HTTPException, _of_http)
