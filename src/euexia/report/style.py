"""One look for every figure: colours for colour-blind readers too, one marker per arm, quiet axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from euexia.protocol.protocol import Protocol

INK = "#1d2733"
MUTED = "#55606c"
FAINT = "#c9c6bf"
PAPER = "#ffffff"
CONTROL = "#5b6670"
PALETTE = ("#0072b2", "#b84a08", "#00795a", "#a8487f", "#8a6100")
"""After Okabe and Ito, darkened so that text in them has a contrast of at least 4.5 : 1 on white."""
MARKERS = ("o", "s", "D", "v", "P")
CONTROL_MARKER = "^"
MARKER_NAMES = {"o": "circle", "s": "square", "D": "diamond", "v": "triangle", "P": "cross", "^": "triangle"}
LINES = ("-", (0, (6, 1.5)), (0, (3, 1, 1, 1)), (0, (1, 1)), "-")
CONTROL_LINE = (0, (2.5, 1.5))

SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "euexia",
    "path.simplify": True,
    "font.family": ["DejaVu Sans"],
    "font.size": 11.0,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 11.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    "axes.axisbelow": True,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
    "xtick.major.size": 3.0,
    "ytick.major.size": 0.0,
    "grid.color": "#ebe9e4",
    "grid.linewidth": 0.8,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "hatch.linewidth": 0.8,
}
"""Settings of the drawing library, in force only while a figure is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmStyle:
    """How one arm looks and is called, everywhere in the report."""

    name: str
    label: str
    colour: str
    marker: str
    line: Any
    size: int
    """Patients planned in the arm."""

    @property
    def marker_name(self) -> str:
        """Return the marker in words, for captions."""
        return MARKER_NAMES[self.marker]


def arm_styles(protocol: Protocol) -> tuple[ArmStyle, ...]:
    """Return the look of each arm, in the protocol's order; arms that only serve as control are grey."""
    treated = {analysis.arm for analysis in protocol.analyses}
    controls = {analysis.control for analysis in protocol.analyses} - treated
    total = sum(arm.ratio for arm in protocol.arms)
    styles: list[ArmStyle] = []
    place = 0
    for arm in protocol.arms:
        is_control = arm.name in controls
        turn = place % len(PALETTE)
        styles.append(
            ArmStyle(
                name=arm.name,
                label=arm.label,
                colour=CONTROL if is_control else PALETTE[turn],
                marker=CONTROL_MARKER if is_control else MARKERS[turn],
                line=CONTROL_LINE if is_control else LINES[turn],
                size=round(protocol.size * arm.ratio / total),
            )
        )
        place += 0 if is_control else 1
    return tuple(styles)


def tinted(colour: str, share: float) -> str:
    """Return a colour mixed with white; share 1 is the colour itself."""
    channels = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 + share * (channel - 255)):02x}" for channel in channels)
