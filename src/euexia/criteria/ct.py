"""Muscle of one CT slice at the third lumbar vertebra: index, published thresholds, Hounsfield windows.

The slice is the middle of the vertebra with both transverse processes; attenuation is only comparable between
scans of the same contrast phase.
"""

from __future__ import annotations

from dataclasses import replace
from math import nextafter

import numpy as np
from numpy.typing import ArrayLike, NDArray

from euexia.core.logic import TRUE, Comparison, compare
from euexia.criteria.criterion import Criterion, Floats, below, by_sex, held
from euexia.criteria.definition import CATEGORY, Definition, Input, asked
from euexia.criteria.inputs import AGE, BMI, FLUID, HEIGHT, MALE, MUSCLE_AREA, MUSCLE_INDEX, RADIODENSITY
from euexia.criteria.outcome import Outcome, answer, classified, measured

NAN = float("nan")
METRE = 100.0
"""Centimetres in one metre."""

INDEX_INPUTS = (MUSCLE_AREA, HEIGHT)


@asked(*INDEX_INPUTS)
def ct_smi(*, skeletal_muscle_area: ArrayLike = NAN, height: ArrayLike = NAN) -> Outcome:
    """Return the skeletal muscle index [cm2/m2], muscle area [cm2] over height [m] squared."""
    metres = np.asarray(height, dtype=float) / METRE
    index = np.asarray(skeletal_muscle_area, dtype=float) / metres**2
    return measured(index, skeletal_muscle_area=skeletal_muscle_area, height=height)


CT_SMI = Definition(
    id="ct_smi",
    version="1",
    source="Muscle area at the third lumbar vertebra over height squared",
    source_verified=True,
    concept="measurement",
    inputs=INDEX_INPUTS,
    function=ct_smi,
)

# --- Prado 2008 ---------------------------------------------------------------------------------------------

PRADO = (52.4, 38.5)
PRADO_INPUTS = (MALE, MUSCLE_INDEX)


@asked(*PRADO_INPUTS)
def prado2008(
    *,
    male: ArrayLike = NAN,
    skeletal_muscle_index: ArrayLike = NAN,
    comparison: Comparison = Comparison.BELOW,
) -> Outcome:
    """Return whether the index is < 52.4 / 38.5 cm2/m2 (men / women).

    Derived in 250 patients with a body-mass index of 30 and more; others are an extrapolation.
    """
    low = held(
        skeletal_muscle_index,
        comparison,
        by_sex(male, *PRADO),
        skeletal_muscle_index=skeletal_muscle_index,
        male=male,
    )
    return answer(low)


PRADO2008 = Definition(
    id="prado2008",
    version="2008",
    source="Prado CMM et al. Lancet Oncol 2008;9:629",
    source_verified=True,
    unverified=("operator: the original may print at most",),
    concept="low muscle",
    inputs=PRADO_INPUTS,
    function=prado2008,
    options={"comparison": "operator of the index against the threshold"},
)

# --- Martin 2013 --------------------------------------------------------------------------------------------

MARTIN_BMI = 25.0
MARTIN_MEN, MARTIN_WOMEN = (43.0, 53.0), 41.0
"""cm2/m2: men below and from a body-mass index of 25; women of any."""
MARTIN_RADIODENSITY = (41.0, 33.0)
"""Hounsfield units, below and from a body-mass index of 25."""

MARTIN_INPUTS = (MALE, BMI, FLUID, MUSCLE_INDEX)
MARTIN_RADIODENSITY_INPUTS = (BMI, FLUID, RADIODENSITY)


def _by_bmi(bmi: ArrayLike, lean: float, heavy: float) -> Floats:
    """Return the threshold for the body-mass index, NaN where that is missing."""
    index = np.asarray(bmi, dtype=float)
    chosen = np.where(compare(index, Comparison.AT_LEAST, MARTIN_BMI) == TRUE, heavy, lean)
    return np.where(np.isnan(index), np.nan, chosen)


@asked(*MARTIN_INPUTS)
def martin2013(
    *,
    male: ArrayLike = NAN,
    bmi: ArrayLike = NAN,
    fluid_retention: ArrayLike = NAN,
    skeletal_muscle_index: ArrayLike = NAN,
) -> Outcome:
    """Return whether the index is low: men < 43 cm2/m2, < 53 from BMI 25; women < 41.

    Without a body-mass index it is open for men and still decided for women.
    """
    sex = np.asarray(male, dtype=float)
    woman = sex == 0
    index = np.where(woman, 0, np.asarray(bmi, dtype=float))
    low = below(
        skeletal_muscle_index,
        by_sex(male, _by_bmi(bmi, *MARTIN_MEN), MARTIN_WOMEN),
        skeletal_muscle_index=skeletal_muscle_index,
        male=male,
        bmi=index,
    )
    return answer(low)


@asked(*MARTIN_RADIODENSITY_INPUTS)
def martin2013_radiodensity(
    *, bmi: ArrayLike = NAN, fluid_retention: ArrayLike = NAN, muscle_radiodensity: ArrayLike = NAN
) -> Outcome:
    """Return whether muscle attenuation is low: < 41 HU, < 33 HU from BMI 25, in both sexes."""
    low = below(
        muscle_radiodensity,
        _by_bmi(bmi, *MARTIN_RADIODENSITY),
        muscle_radiodensity=muscle_radiodensity,
        bmi=bmi,
    )
    return answer(low)


MARTIN2013 = Definition(
    id="martin2013",
    version="2013",
    source="Martin L et al. J Clin Oncol 2013;31:1539",
    source_verified=True,
    concept="low muscle",
    inputs=MARTIN_INPUTS,
    function=martin2013,
)
MARTIN2013_RADIODENSITY = Definition(
    id="martin2013_radiodensity",
    version="2013",
    source="Martin L et al. J Clin Oncol 2013;31:1539",
    source_verified=True,
    unverified=("41 HU below a body-mass index of 25",),
    concept="muscle quality",
    inputs=MARTIN_RADIODENSITY_INPUTS,
    function=martin2013_radiodensity,
)

# --- Reference values of healthy people ---------------------------------------------------------------------

REFERENCE_INPUTS = (
    MALE,
    MUSCLE_INDEX,
    replace(RADIODENSITY, required=False),
    replace(MUSCLE_AREA, required=False),
)
VAN_DER_WERF = {"index": (41.6, 32.0), "radiodensity": (29.3, 22.0), "area": (134.0, 89.2)}
"""Fifth centiles of healthy kidney donors, men and women."""
DERSTINE = {"index": (45.4, 34.4), "radiodensity": (38.5, 34.3), "area": (144.3, 92.2)}
"""Two standard deviations below the mean of young healthy adults, men and women."""


def _below_reference(
    cuts: dict[str, tuple[float, float]],
    male: ArrayLike,
    index: ArrayLike,
    density: ArrayLike,
    area: ArrayLike,
) -> dict[str, Criterion]:
    """Return whether index, radiodensity and area lie below their reference values."""
    readings = {
        "index": ("skeletal_muscle_index", index),
        "radiodensity": ("muscle_radiodensity", density),
        "area": ("skeletal_muscle_area", area),
    }
    return {
        f"low_{key}": below(value, by_sex(male, *cuts[key]), **{name: value, "male": male})
        for key, (name, value) in readings.items()
    }


@asked(*REFERENCE_INPUTS)
def vanderwerf2018(
    *,
    male: ArrayLike = NAN,
    skeletal_muscle_index: ArrayLike = NAN,
    muscle_radiodensity: ArrayLike = NAN,
    skeletal_muscle_area: ArrayLike = NAN,
) -> Outcome:
    """Return whether the index is below the fifth centile of healthy donors, 41.6 / 32.0 cm2/m2.

    Radiodensity (29.3 / 22.0 HU) and area (134.0 / 89.2 cm2) are given as criteria beside it.
    """
    met = _below_reference(
        VAN_DER_WERF, male, skeletal_muscle_index, muscle_radiodensity, skeletal_muscle_area
    )
    return answer(met["low_index"], met=met)


@asked(*REFERENCE_INPUTS)
def derstine2018(
    *,
    male: ArrayLike = NAN,
    skeletal_muscle_index: ArrayLike = NAN,
    muscle_radiodensity: ArrayLike = NAN,
    skeletal_muscle_area: ArrayLike = NAN,
) -> Outcome:
    """Return whether the index is below the mean of young adults minus 2 SD, 45.4 / 34.4 cm2/m2.

    Radiodensity (38.5 / 34.3 HU as printed) and area (144.3 / 92.2 cm2) are given as criteria beside it.
    """
    met = _below_reference(DERSTINE, male, skeletal_muscle_index, muscle_radiodensity, skeletal_muscle_area)
    return answer(met["low_index"], met=met)


DECADES = (20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0)
BY_AGE_MEN = (44.9, 43.4, 41.8, 40.2, 38.6, 36.9)
BY_AGE_WOMEN = (36.7, 35.3, 33.9, 32.3, 30.7, 28.9)
"""Fifth centiles of the index by decade of age, from 20-29 to 70-79."""

BY_AGE_INPUTS = (
    MALE,
    replace(AGE, low=DECADES[0], high=nextafter(DECADES[-1], 0), meaning="Age, 20 to 79 years"),
    MUSCLE_INDEX,
)


@asked(*BY_AGE_INPUTS)
def vanderwerf2018_by_age(
    *, male: ArrayLike = NAN, age: ArrayLike = NAN, skeletal_muscle_index: ArrayLike = NAN
) -> Outcome:
    """Return whether the index is below the fifth centile of healthy donors of the same decade of age."""
    years = np.asarray(age, dtype=float)
    decade = np.searchsorted(DECADES, np.where(np.isnan(years), DECADES[0], years), side="right") - 1
    cut = by_sex(male, np.asarray(BY_AGE_MEN)[decade], np.asarray(BY_AGE_WOMEN)[decade])
    low = below(
        skeletal_muscle_index,
        np.where(np.isnan(years), np.nan, cut),
        skeletal_muscle_index=skeletal_muscle_index,
        male=male,
        age=age,
    )
    return answer(low)


VAN_DER_WERF_SOURCE = "van der Werf A et al. Eur J Clin Nutr 2018, doi:10.1038/s41430-017-0034-5"
VANDERWERF2018 = Definition(
    id="vanderwerf2018",
    version="2018",
    source=VAN_DER_WERF_SOURCE,
    source_verified=True,
    concept="low muscle",
    inputs=REFERENCE_INPUTS,
    function=vanderwerf2018,
)
VANDERWERF2018_BY_AGE = Definition(
    id="vanderwerf2018_by_age",
    version="2018",
    source=VAN_DER_WERF_SOURCE,
    source_verified=True,
    concept="low muscle",
    inputs=BY_AGE_INPUTS,
    function=vanderwerf2018_by_age,
)
DERSTINE2018 = Definition(
    id="derstine2018",
    version="2018",
    source="Derstine BA et al. Sci Rep 2018",
    source_verified=True,
    concept="low muscle",
    inputs=REFERENCE_INPUTS,
    function=derstine2018,
)

# --- Hounsfield windows -------------------------------------------------------------------------------------

MUSCLE_WINDOW, FAT_WINDOW, VISCERAL_WINDOW = (-29, 150), (-190, -30), (-150, -50)
"""Inclusive, in whole Hounsfield units.  Some tools take the window of other fat for visceral fat too."""

COMPARTMENTS = ("muscle", "subcutaneous", "visceral")
TISSUES = ("excluded", "muscle", "intermuscular fat", "subcutaneous fat", "visceral fat")
EXCLUDED, MUSCLE, INTERMUSCULAR, SUBCUTANEOUS, VISCERAL = (np.int8(index) for index in range(len(TISSUES)))


def classify_hounsfield(hounsfield: ArrayLike, compartment: ArrayLike) -> NDArray[np.int8]:
    """Return the tissue of each pixel, an index into TISSUES; a missing value is excluded.

    hounsfield: attenuation after slope and intercept; rounded to whole units.  compartment: index into
    COMPARTMENTS.  Muscle: -29 to 150 muscle, -190 to -30 intermuscular fat.  Subcutaneous: -190 to -30.
    Visceral: -150 to -50.  All inclusive.
    """
    units = np.rint(np.asarray(hounsfield, dtype=float))
    place = np.asarray(compartment)
    tissue = np.full(np.broadcast_shapes(units.shape, place.shape), EXCLUDED)
    windows = (
        (COMPARTMENTS.index("muscle"), MUSCLE_WINDOW, MUSCLE),
        (COMPARTMENTS.index("muscle"), FAT_WINDOW, INTERMUSCULAR),
        (COMPARTMENTS.index("subcutaneous"), FAT_WINDOW, SUBCUTANEOUS),
        (COMPARTMENTS.index("visceral"), VISCERAL_WINDOW, VISCERAL),
    )
    for index, (lowest, highest), found in windows:
        inside = (place == index) & (units >= lowest) & (units <= highest)
        tissue = np.where(inside, found, tissue)
    return tissue.astype(np.int8)


WINDOW_INPUTS = (
    replace(RADIODENSITY, name="hounsfield", meaning="Attenuation of a pixel, Hounsfield units"),
    Input(
        name="compartment",
        kind=CATEGORY,
        meaning="Where the pixel lies",
        categories=COMPARTMENTS,
    ),
)


@asked(*WINDOW_INPUTS)
def ct_hu_windows(*, hounsfield: ArrayLike = NAN, compartment: ArrayLike = -1) -> Outcome:
    """Return the tissue of a pixel by its attenuation and compartment, as ``classify_hounsfield``."""
    gaps = {
        "hounsfield": np.isnan(np.asarray(hounsfield, dtype=float)),
        "compartment": np.asarray(compartment) < 0,
    }
    open_ = gaps["hounsfield"] | gaps["compartment"]
    tissue = np.where(open_, -1, classify_hounsfield(hounsfield, compartment)).astype(np.int8)
    return classified(tissue, TISSUES, missing=gaps)


CT_HU_WINDOWS = Definition(
    id="ct_hu_windows",
    version="1",
    source="Windows in common use: muscle -29 to 150, fat -190 to -30, visceral fat -150 to -50 HU",
    source_verified=True,
    unverified=("window of visceral fat",),
    concept="measurement",
    inputs=WINDOW_INPUTS,
    function=ct_hu_windows,
)

DEFINITIONS = (
    CT_SMI,
    PRADO2008,
    MARTIN2013,
    MARTIN2013_RADIODENSITY,
    VANDERWERF2018,
    VANDERWERF2018_BY_AGE,
    DERSTINE2018,
    CT_HU_WINDOWS,
)
