"""Areas of one CT slice from a segmentation, and the statistics file of a segmentation tool."""

import json

import numpy as np
import pytest

from euexia.assess.imaging import areas, middle_slice, read_areas, read_statistics
from euexia.core.errors import InputError

CODES = {"muscle": 1, "subcutaneous": 2, "visceral": 3}


def test_pixels_in_their_windows_are_counted():
    """Inclusive: muscle -29 to 150, its fat and subcutaneous fat -190 to -30, visceral fat -150 to -50."""
    attenuation = np.array([[-29, 150, 151, -30, -190, -191], [-190, -30, -29, -150, -50, -49]], dtype=float)
    labels = np.array([[1, 1, 1, 1, 1, 1], [2, 2, 2, 3, 3, 3]])
    found = areas(attenuation, labels, (10.0, 10.0), CODES)  # a pixel is 1 cm2
    assert found.skeletal_muscle_area == 2.0
    assert found.intermuscular_fat_area == 2.0
    assert found.subcutaneous_fat_area == 2.0
    assert found.visceral_fat_area == 2.0
    assert found.adipose_area == 6.0
    assert found.muscle_radiodensity == pytest.approx((150 - 29) / 2)
    assert found.left_out == 4
    assert found.windows["visceral fat"] == (-150, -50)


def test_an_area_is_pixels_times_their_size():
    """A disc of radius 60 mm on pixels of 0.8 mm: pi r^2 = 113.1 cm2."""
    side = (np.arange(200) - 99.5) * 0.8
    disc = side[:, None] ** 2 + side[None, :] ** 2 <= 60.0**2
    found = areas(np.full(disc.shape, 45.0), disc.astype(int), (0.8, 0.8), {"muscle": 1})
    assert found.skeletal_muscle_area == pytest.approx(np.pi * 36, rel=2e-3)
    assert found.muscle_radiodensity == 45.0
    assert np.isnan(found.subcutaneous_fat_area)
    assert found.readings()["skeletal_muscle_area"][1] == "cm^2"


def test_a_missing_pixel_is_left_out_and_counted():
    found = areas(np.array([[np.nan, 40.0]]), np.array([[1, 1]]), (10.0, 10.0), {"muscle": 1})
    assert (found.skeletal_muscle_area, found.left_out) == (1.0, 1)


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="not of one shape"):
        areas(np.zeros((2, 2)), np.zeros((2, 3)), (1.0, 1.0), CODES)
    with pytest.raises(InputError, match="No compartment is called bone"):
        areas(np.zeros((2, 2)), np.zeros((2, 2)), (1.0, 1.0), {"bone": 1})
    with pytest.raises(InputError, match="mask is empty"):
        middle_slice(np.zeros((2, 2, 2)))
    with pytest.raises(InputError, match="either slice_index or the mask"):
        read_areas("scan.nii", "mask.nii", CODES)


def test_the_middle_of_the_vertebra_is_taken():
    mask = np.zeros((4, 4, 20))
    mask[1:3, 1:3, 7:12] = 1
    assert middle_slice(mask) == 9


def test_without_the_package_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "nibabel", None)
    with pytest.raises(InputError, match=r"pip install euexia\[imaging\]"):
        read_areas("scan.nii", "mask.nii", CODES, slice_index=0)


def test_nifti_files_are_read_with_spacing_and_orientation(tmp_path):
    """The same scan stored upside down gives the same slice, counted from the feet."""
    import nibabel

    voxels = np.full((10, 12, 8), -1000.0)
    voxels[2:6, 3:8, 5] = 40.0
    labels = (voxels > 0).astype(np.int16)
    spacing = np.diag([2.0, 2.5, 5.0, 1.0])
    upside_down = np.diag([2.0, 2.5, -5.0, 1.0])
    for name, volume in (("scan", voxels), ("mask", labels)):
        nibabel.save(nibabel.Nifti1Image(volume, spacing), tmp_path / f"{name}.nii.gz")
        nibabel.save(nibabel.Nifti1Image(volume[:, :, ::-1], upside_down), tmp_path / f"{name}-turned.nii.gz")
    for ending in ("", "-turned"):
        scan, mask = (tmp_path / f"{name}{ending}.nii.gz" for name in ("scan", "mask"))
        found = read_areas(scan, mask, {"muscle": 1}, vertebra=mask)
        assert found.slice_index == 5
        assert found.skeletal_muscle_area == pytest.approx(4 * 5 * 2.0 * 2.5 / 100)  # 20 pixels of 5 mm2


def test_statistics_are_volumes_and_no_areas(tmp_path):
    path = tmp_path / "statistics.json"
    content = {
        "autochthon_left": {"volume": 189351.0, "intensity": 25.5},
        "vertebrae_L3": {"volume": 0.0, "intensity": 0.0},
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    found = read_statistics(path)
    assert found["autochthon_left"].volume_ml == pytest.approx(189.351)
    assert not found["vertebrae_L3"].is_there
    assert np.isnan(found["vertebrae_L3"].hounsfield)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"liver": {"volume": "big"}}', '{"liver": {"volume": -1, "intensity": 2}}']
)
def test_other_files_are_no_statistics(tmp_path, text):
    path = tmp_path / "statistics.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"statistics\.json"):
        read_statistics(path)
