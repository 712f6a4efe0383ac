"""Responders and changes of cachexia trials as definitions of the catalogue.

Death before the assessment is dealt with by ``responders.with_deaths``: these say only what was measured.
"""

from __future__ import annotations

from dataclasses import replace

from euexia.core.logic import Comparison, Truth
from euexia.criteria import responders
from euexia.criteria.criterion import Floats
from euexia.criteria.definition import Definition, Input
from euexia.criteria.inputs import HANDGRIP, WEIGHT
from euexia.criteria.question import asking, truth_of, value_of

RESPONSE = "response"
LEAN_MASS = Input(name="lean_mass_ct", kind="mass", meaning="Lean mass", low=5, high=150)
POWER = Input(name="stair_climb_power", kind="power", meaning="Stair climb power", low=0, high=3000)
GRIP = replace(HANDGRIP, meaning="Handgrip strength, same hand and summary each time")
GDF15 = Input(name="gdf15", kind="gdf15", meaning="GDF-15, serum", low=0, high=1000)
POWER_TRIALS = "POWER trials; Curr Oncol Rep 2016, doi:10.1007/s11912-016-0522-0"


def _before(entry: Input) -> Input:
    return replace(entry, name=f"{entry.name}_at_baseline", meaning=f"{entry.meaning}, at baseline")


def _at_week(entry: Input, week: int) -> Input:
    return replace(entry, name=f"{entry.name}_week_{week}", meaning=f"{entry.meaning}, week {week}")


def _pair(entry: Input) -> tuple[Input, Input]:
    return (_before(entry), entry)


def _names(entry: Input) -> dict[str, str]:
    return {f"{entry.name}_at_baseline": "baseline", entry.name: "now"}


def _lean_and_grip(
    *,
    lean_mass_ct_at_baseline: Floats,
    lean_mass_ct: Floats,
    handgrip_strength_at_baseline: Floats,
    handgrip_strength: Floats,
    lean_comparison: Comparison = Comparison.ABOVE,
    grip_comparison: Comparison = Comparison.AT_LEAST,
) -> Truth:
    """Return whether lean mass rose by more than 2 % and grip by at least 4 kg, at 8 weeks."""
    return responders.response_nct01127386(
        responders.gain(lean_mass_ct_at_baseline, lean_mass_ct),
        handgrip_strength - handgrip_strength_at_baseline,
        lean_comparison=lean_comparison,
        grip_comparison=grip_comparison,
    )


_LENALIDOMIDE = Definition(
    id="resp_nct01127386",
    version="2022",
    source="Blum D et al. JCSM Rapid Commun 2022;5:68-76, doi:10.1002/rco2.54",
    source_verified=True,
    unverified=("formula of lean mass", "hand and summary of grip"),
    concept=RESPONSE,
    inputs=(*_pair(LEAN_MASS), *_pair(GRIP)),
    options={
        "lean_comparison": "Above (default) or at least 2 %; copies differ",
        "grip_comparison": "At least (default) or above 4 kg",
    },
)
_WEIGHT = Definition(
    id="resp_weight5",
    version="2024",
    source="Endpoints working group, J Cachexia Sarcopenia Muscle 2024;15:816-852",
    source_verified=True,
    concept=RESPONSE,
    inputs=_pair(WEIGHT),
)
_POWER_LEAN = Definition(
    id="resp_power_lbm",
    version="2016",
    source=POWER_TRIALS,
    source_verified=False,
    concept=RESPONSE,
    inputs=_pair(LEAN_MASS),
)
_ROMANA = Definition(
    id="romana_lean_mass",
    version="2016",
    source="ROMANA trials, NCT01387282: mean of the changes to weeks 6 and 12",
    source_verified=True,
    concept="endpoint",
    inputs=(_before(LEAN_MASS), _at_week(LEAN_MASS, 6), _at_week(LEAN_MASS, 12)),
)
_PONSEGROMAB = Definition(
    id="ponsegromab_entry",
    version="2024",
    source="Phase 2 trial of ponsegromab, N Engl J Med 2024: GDF-15 of at least 1500 pg/mL",
    source_verified=True,
    concept="eligibility",
    inputs=(GDF15,),
)


def _weeks(entry: Input) -> dict[str, str]:
    return {
        f"{entry.name}_at_baseline": "baseline",
        f"{entry.name}_week_6": "week_6",
        f"{entry.name}_week_12": "week_12",
    }


DEFINITIONS = (
    asking(_LENALIDOMIDE, _lean_and_grip, truth_of),
    asking(_WEIGHT, responders.response_weight_5_percent, truth_of, arguments=_names(WEIGHT)),
    asking(_POWER_LEAN, responders.response_lean_mass_kept, truth_of, arguments=_names(LEAN_MASS)),
    asking(
        replace(_POWER_LEAN, id="resp_power_scp", inputs=_pair(POWER)),
        responders.response_stair_climb_power,
        truth_of,
        arguments=_names(POWER),
    ),
    asking(_ROMANA, responders.mean_change_weeks_6_and_12, value_of, arguments=_weeks(LEAN_MASS)),
    asking(
        replace(
            _ROMANA,
            id="romana_handgrip",
            inputs=(_before(GRIP), _at_week(GRIP, 6), _at_week(GRIP, 12)),
        ),
        responders.mean_change_weeks_6_and_12,
        value_of,
        arguments=_weeks(GRIP),
    ),
    asking(_PONSEGROMAB, responders.eligible_gdf15, truth_of),
)
