"""Readings that several definitions ask for, with the names they go by everywhere.

Plausible ranges are decisions of this project that catch slips of the pen and mistaken units; they are not
clinical thresholds.  Names that are also measures are the same reading in the same unit.
"""

from __future__ import annotations

from euexia.criteria.definition import FLAG, FLUID_RETENTION, Input

LARGEST_CHANGE = 0.6


def _loss(months: int) -> Input:
    """Return the input for the share of body weight lost over so many months."""
    ending = "" if months == 1 else "s"
    return Input(
        name=f"weight_loss_{months}_month{ending}",
        kind="fraction",
        meaning=f"Share of body weight lost over the past {months} month{ending}; a gain is negative",
        low=-LARGEST_CHANGE,
        high=LARGEST_CHANGE,
        spoiled_by_fluid=True,
    )


WEIGHT_LOSS_1_MONTH = _loss(1)
WEIGHT_LOSS_2_MONTHS = _loss(2)
WEIGHT_LOSS_3_MONTHS = _loss(3)
WEIGHT_LOSS_6_MONTHS = _loss(6)
WEIGHT_LOSS_12_MONTHS = _loss(12)
WEIGHT_LOSS_3_TO_6_MONTHS = Input(
    name="weight_loss_3_to_6_months",
    kind="fraction",
    meaning="Share of body weight lost over the past 3 to 6 months; a gain is negative",
    low=-LARGEST_CHANGE,
    high=LARGEST_CHANGE,
    spoiled_by_fluid=True,
)

WEIGHT = Input(
    name="body_weight", kind="mass", meaning="Body weight", low=25, high=300, spoiled_by_fluid=True
)
REFERENCE_WEIGHT = Input(
    name="reference_weight",
    kind="mass",
    meaning="Body weight that the loss is counted from",
    low=25,
    high=300,
    spoiled_by_fluid=True,
)
HEIGHT = Input(name="height", kind="height", meaning="Body height", low=120, high=220)
BMI = Input(
    name="bmi",
    kind="body_mass_index",
    meaning="Body-mass index, weight over height squared",
    low=10,
    high=80,
    spoiled_by_fluid=True,
)
FLUID = Input(
    name=FLUID_RETENTION,
    kind=FLAG,
    meaning="Oedema, ascites or effusion: weight and what is made of it cannot be used",
    required=False,
    absent_unless_stated=True,
)
MALE = Input(name="male", kind=FLAG, meaning="1 man, 0 woman, as the source's cut-offs use it")
AGE = Input(name="age", kind="years", meaning="Age", low=18, high=110)
ECOG = Input(name="ecog", kind="points", meaning="ECOG (WHO) performance status", low=0, high=5, whole=1)
CRP = Input(name="crp", kind="concentration", meaning="C-reactive protein, serum", low=0, high=600)
INTERLEUKIN_6 = Input(
    name="interleukin_6", kind="cytokine", meaning="Interleukin 6, serum", low=0, high=10_000
)
ALBUMIN = Input(name="albumin", kind="albumin", meaning="Albumin, serum", low=5, high=60)
HAEMOGLOBIN = Input(name="haemoglobin", kind="haemoglobin", meaning="Haemoglobin, blood", low=30, high=220)
WHITE_CELLS = Input(name="white_cells", kind="cell_count", meaning="White blood cells", low=0, high=500)
NEUTROPHILS = Input(name="neutrophils", kind="cell_count", meaning="Neutrophils, absolute", low=0, high=100)
LYMPHOCYTES = Input(name="lymphocytes", kind="cell_count", meaning="Lymphocytes, absolute", low=0, high=50)
HANDGRIP = Input(
    name="handgrip_strength",
    kind="mass",
    meaning="Handgrip strength as the definition summarises it (mostly the best of the trials)",
    low=0,
    high=90,
)
GAIT_SPEED = Input(name="gait_speed", kind="speed", meaning="Usual walking speed", low=0, high=3)
CHAIR_STAND_TIME = Input(
    name="chair_stand_time", kind="test_time", meaning="Time of five chair stands", low=2, high=120
)
UP_AND_GO_TIME = Input(
    name="up_and_go_time", kind="test_time", meaning="Time of the timed up and go test", low=3, high=300
)
SPPB = Input(
    name="sppb", kind="points", meaning="Short physical performance battery, total", low=0, high=12, whole=1
)
MUSCLE_AREA = Input(
    name="skeletal_muscle_area",
    kind="area",
    meaning="Muscle area of one CT slice at the third lumbar vertebra",
    low=20,
    high=400,
)
ADIPOSE_AREA = Input(
    name="adipose_area",
    kind="area",
    meaning="Adipose area of one CT slice at the third lumbar vertebra",
    low=0,
    high=1500,
)
RADIODENSITY = Input(
    name="muscle_radiodensity",
    kind="radiodensity",
    meaning="Mean attenuation of the muscle pixels at the third lumbar vertebra, Hounsfield units",
    low=-1024,
    high=3071,
)
APPENDICULAR_MASS = Input(
    name="appendicular_lean_mass",
    kind="mass",
    meaning="Appendicular lean (muscle) mass",
    low=2,
    high=60,
    spoiled_by_fluid=True,
)
RESISTANCE = Input(
    name="resistance",
    kind="resistance",
    meaning="Bioimpedance resistance at 50 kHz",
    low=200,
    high=1200,
    spoiled_by_fluid=True,
)
REACTANCE = Input(
    name="reactance",
    kind="resistance",
    meaning="Bioimpedance reactance at 50 kHz",
    low=10,
    high=150,
    spoiled_by_fluid=True,
)
APPENDICULAR_INDEX = Input(
    name="appendicular_index",
    kind="body_mass_index",
    meaning="Appendicular lean mass over height squared; computed from mass and height where not given",
    required=False,
    low=1,
    high=20,
    spoiled_by_fluid=True,
)
MUSCLE_INDEX = Input(
    name="skeletal_muscle_index",
    kind="area_index",
    meaning="Muscle area at the third lumbar vertebra over height squared, by CT",
    low=5,
    high=150,
)
SARC_F = Input(name="sarc_f", kind="points", meaning="SARC-F total", low=0, high=10, whole=1)


def yes_no(name: str, meaning: str, *, required: bool = False, absent_unless_stated: bool = False) -> Input:
    """Return the input for a flag."""
    return Input(
        name=name,
        kind=FLAG,
        meaning=meaning,
        required=required,
        absent_unless_stated=absent_unless_stated,
    )
