"""Muscle and fat of one CT slice at the third lumbar vertebra, and the statistics of a segmentation tool.

Areas count pixels of a compartment whose attenuation lies in the tissue's window (``criteria.ct``).  The
slice decides: take the middle of the third lumbar vertebra with both transverse processes.  Contrast medium
shifts attenuation: compare scans of the same phase only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euexia.core.errors import InputError
from euexia.criteria.ct import (
    COMPARTMENTS,
    EXCLUDED,
    FAT_WINDOW,
    INTERMUSCULAR,
    MUSCLE,
    MUSCLE_WINDOW,
    SUBCUTANEOUS,
    VISCERAL,
    VISCERAL_WINDOW,
    classify_hounsfield,
)

Floats = NDArray[np.float64]

SQUARE_MM_PER_CM2 = 100.0
CUBIC_MM_PER_ML = 1000.0
AXIAL = 2
"""Axis along the body, once an image is turned to the closest standard orientation."""
MATCHING = 1e-3
"""Millimetres by which the grids of scan and segmentation may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceAreas:
    """Areas [cm2] of one slice, mean attenuation of muscle [Hounsfield units], and the windows used."""

    skeletal_muscle_area: float
    intermuscular_fat_area: float
    subcutaneous_fat_area: float
    visceral_fat_area: float
    muscle_radiodensity: float
    left_out: int
    """Pixels of a compartment whose attenuation is in no window, or missing."""
    slice_index: int
    windows: Mapping[str, tuple[int, int]]

    @property
    def adipose_area(self) -> float:
        """Return all fat of the slice [cm2]."""
        return self.intermuscular_fat_area + self.subcutaneous_fat_area + self.visceral_fat_area

    def readings(self) -> dict[str, tuple[float, str]]:
        """Return value and unit by measure, as rows of a table of patients take them."""
        return {
            "skeletal_muscle_area": (self.skeletal_muscle_area, "cm^2"),
            "adipose_area": (self.adipose_area, "cm^2"),
            "muscle_radiodensity": (self.muscle_radiodensity, ""),
        }


def areas(
    hounsfield: NDArray[Any],
    labels: NDArray[Any],
    pixel_mm: tuple[float, float],
    codes: Mapping[str, int],
    *,
    slice_index: int = 0,
) -> SliceAreas:
    """Return the areas of one slice, pixels in window times pixel size.

    hounsfield: attenuation after slope and intercept, shape (rows, columns).  labels: segmentation of that
    shape.  pixel_mm: size of a pixel.  codes: label of each compartment that was segmented (``muscle``,
    ``subcutaneous``, ``visceral``); the area of one that is not named is NaN.
    """
    if hounsfield.shape != labels.shape:
        raise InputError(f"Scan {hounsfield.shape} and segmentation {labels.shape} are not of one shape.")
    unknown = sorted(set(codes) - set(COMPARTMENTS))
    if unknown:
        raise InputError(f"No compartment is called {', '.join(unknown)}. Known: {', '.join(COMPARTMENTS)}.")
    place = np.full(labels.shape, -1, dtype=np.int8)
    for name, code in codes.items():
        place[labels == code] = COMPARTMENTS.index(name)
    tissue = classify_hounsfield(hounsfield, place)
    inside = place >= 0
    muscle = inside & (tissue == MUSCLE)
    size = pixel_mm[0] * pixel_mm[1] / SQUARE_MM_PER_CM2

    def area(code: np.int8, compartment: str) -> float:
        return (
            float(np.count_nonzero(inside & (tissue == code)) * size)
            if compartment in codes
            else float("nan")
        )

    return SliceAreas(
        skeletal_muscle_area=area(MUSCLE, "muscle"),
        intermuscular_fat_area=area(INTERMUSCULAR, "muscle"),
        subcutaneous_fat_area=area(SUBCUTANEOUS, "subcutaneous"),
        visceral_fat_area=area(VISCERAL, "visceral"),
        muscle_radiodensity=float(np.mean(hounsfield[muscle])) if muscle.any() else float("nan"),
        left_out=int(np.count_nonzero(inside & (tissue == EXCLUDED))),
        slice_index=slice_index,
        windows={"muscle": MUSCLE_WINDOW, "fat": FAT_WINDOW, "visceral fat": VISCERAL_WINDOW},
    )


def read_areas(
    scan: Path | str,
    segmentation: Path | str,
    codes: Mapping[str, int],
    *,
    slice_index: int | None = None,
    vertebra: Path | str | None = None,
) -> SliceAreas:
    """Return the areas of one axial slice of NIfTI files; needs the package nibabel.

    codes: label of each compartment in the segmentation.  slice_index: counted from the feet, after turning
    the image to the closest standard orientation.  vertebra: mask of the third lumbar vertebra, whose middle
    slice is taken.  Exactly one of the two is given.
    Raises InputError for files that do not fit together or cannot be read.
    """
    if (slice_index is None) == (vertebra is None):
        raise InputError("Give either slice_index or the mask of the third lumbar vertebra.")
    image, spacing = _volume(scan)
    labels, spacing_of_labels = _volume(segmentation)
    if image.shape != labels.shape or not np.allclose(spacing, spacing_of_labels, atol=MATCHING):
        raise InputError(f"'{scan}' and '{segmentation}' are not on one grid: {image.shape}, {labels.shape}.")
    chosen = slice_index if slice_index is not None else middle_slice(_volume(str(vertebra))[0])
    if not 0 <= chosen < image.shape[AXIAL]:
        raise InputError(f"There is no slice {chosen}: '{scan}' has {image.shape[AXIAL]}, counted from 0.")
    found = np.rint(labels[:, :, chosen]).astype(int)
    return areas(image[:, :, chosen], found, (spacing[0], spacing[1]), codes, slice_index=chosen)


def middle_slice(vertebra: NDArray[Any]) -> int:
    """Return the middle axial slice of a vertebra's mask; raise InputError if the mask is empty."""
    filled = np.flatnonzero((np.asarray(vertebra) > 0).any(axis=(0, 1)))
    if not len(filled):
        raise InputError("The vertebra's mask is empty: the third lumbar vertebra is not in the scan.")
    return int((filled[0] + filled[-1]) // 2)


def _volume(path: Path | str) -> tuple[Floats, tuple[float, float, float]]:
    """Return voxels and spacing [mm] in the closest standard orientation (right, front, head)."""
    try:
        import nibabel
    except ImportError as error:
        raise InputError(
            "Reading NIfTI files needs the package nibabel. Install it with 'pip install euexia[imaging]'."
        ) from error
    try:
        image: Any = nibabel.as_closest_canonical(nibabel.load(path))
        voxels = np.asarray(image.get_fdata(), dtype=float)
    except (OSError, ValueError, nibabel.filebasedimages.ImageFileError) as error:
        raise InputError(f"'{path}' is no NIfTI file that can be read: {error}.") from error
    if voxels.ndim != 3:
        raise InputError(f"'{path}' has {voxels.ndim} dimensions; a scan has 3.")
    width, depth, height = (float(size) for size in image.header.get_zooms()[:3])
    return voxels, (width, depth, height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """One structure of a segmentation tool's statistics."""

    volume_ml: float
    hounsfield: float
    """Mean attenuation of all its voxels, without any window; NaN where the structure is not in the scan."""

    @property
    def is_there(self) -> bool:
        """Return whether the scan shows any of it; how much of it was cut off is not said."""
        return self.volume_ml > 0


def read_statistics(path: Path | str) -> Mapping[str, Structure]:
    """Return the structures in the statistics file (JSON) of a segmentation tool.

    The file has ``{structure: {"volume": mm3, "intensity": mean Hounsfield}}``.  It holds no area of a slice:
    no muscle index can be made of it, and its muscle is not limited to the muscle window.
    Raises InputError for a file that is not such statistics, naming the structure.
    """
    place = Path(path)
    try:
        content = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"'{place}' is no statistics file that can be read: {error}.") from error
    if not isinstance(content, dict) or not content:
        raise InputError(f"'{place}' holds no structures.")
    return {str(name): _structure(place, str(name), entry) for name, entry in content.items()}


def _structure(place: Path, name: str, entry: object) -> Structure:
    volume = entry.get("volume") if isinstance(entry, dict) else None
    mean = entry.get("intensity") if isinstance(entry, dict) else None
    if not isinstance(volume, int | float) or not isinstance(mean, int | float) or volume < 0:
        raise InputError(f"'{place}', structure '{name}': a volume [mm3] and an intensity are wanted.")
    return Structure(
        volume_ml=volume / CUBIC_MM_PER_ML, hounsfield=float(mean) if volume > 0 else float("nan")
    )
