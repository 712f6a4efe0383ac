r"""Numbers of SAS transport files: IBM System/360 hexadecimal floats to IEEE 754 doubles and back.

An IBM double is a sign bit, a 7-bit exponent of 16 in excess 64 and a 56-bit fraction:

.. math:: x = (-1)^s \; \frac{f}{2^{56}} \; 16^{e - 64}

Writing is exact: a normalised IBM fraction has 53 to 56 significant bits, so it holds every double whose size
lies between 16**-65 and 16**63. Reading is exact for every number that was a double, and otherwise rounds to
the nearest double, ties to even (a fraction may have three bits more than a double has).

Layout: SAS technical note TS-140, "The record layout of a data set in SAS transport (XPORT) format".
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Doubles = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]

SMALLEST = float(16.0**-65)
LIMIT = float(16.0**63)
FRACTION = np.uint64(0x00FF_FFFF_FFFF_FFFF)
MISSING_BYTES = b"._ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_IS_MISSING_BYTE = np.zeros(256, dtype=bool)
_IS_MISSING_BYTE[np.frombuffer(MISSING_BYTES, dtype=np.uint8)] = True


def to_doubles(fields: Bytes) -> tuple[Doubles, Codes]:
    """Read fields of 2 to 8 bytes, shape (records, bytes), as doubles and missing codes.

    The code is 0 for a number and the byte ``.``, ``_``, ``A`` ... ``Z`` for a missing value (NaN).
    Fields shorter than 8 bytes are the leading bytes of a longer one, as SAS truncates them.
    """
    records, width = fields.shape
    full = np.zeros((records, 8), dtype=np.uint8)
    full[:, :width] = fields
    words = full.view(">u8").reshape(records).astype(np.uint64)
    fraction = words & FRACTION
    first = full[:, 0]
    missing = (fraction == 0) & _IS_MISSING_BYTE[first]
    power = (first & 0x7F).astype(np.int32) * 4 - (64 * 4 + 56)
    doubles = np.ldexp(fraction.astype(np.float64), power)
    np.negative(doubles, out=doubles, where=(first & 0x80) != 0)
    doubles[missing] = np.nan
    return doubles, np.where(missing, first, np.uint8(0))


def to_fields(doubles: Doubles, codes: Codes | None = None) -> Bytes:
    """Write doubles as fields of 8 bytes, shape (records, 8); NaN becomes its missing code, or ``.``.

    Numbers that `unfit` names must not be given.
    """
    absent = np.isnan(doubles)
    size, binary_power = np.frexp(np.where(absent, 0.0, np.abs(doubles)))
    hexadecimal_power = -(-binary_power // 4)
    fraction = np.ldexp(size, 56 + binary_power - 4 * hexadecimal_power).astype(np.uint64)
    first = (hexadecimal_power + 64).astype(np.uint64) | (
        np.signbit(doubles).astype(np.uint64) << np.uint64(7)
    )
    words = np.where(fraction == 0, np.uint64(0), (first << np.uint64(56)) | fraction)
    if codes is None:
        codes = np.zeros(len(doubles), dtype=np.uint8)
    marks = np.where(codes == 0, np.uint8(ord(".")), codes).astype(np.uint64) << np.uint64(56)
    words = np.where(absent, marks, words)
    fields: Bytes = words.astype(">u8").view(np.uint8).reshape(-1, 8)
    return fields


def unfit(doubles: Doubles) -> npt.NDArray[Any]:
    """Say which numbers an IBM double cannot hold: infinite ones, too large ones, and too small ones."""
    size = np.abs(doubles)
    return (size >= LIMIT) | ((size > 0) & (size < SMALLEST))
