# SPDX-License-Identifier: GPL-3.0-or-later
"""One of several people: where he should be, who he is, and which face is his."""

import numpy as np
import pytest
from mien.core.capture.alternating_views import SeenView
from mien.core.capture.face_track import FaceTrack
from mien.core.capture.multi_face_tracker import MultiFaceTracker, same_place
from mien.core.capture.tracker import Tracked
from mien.core.model.crop import CropBox
from mien.core.model.params import IDENTITY, N_PARAMS


def track(x: float = 0.0, speed: float = 0.0) -> FaceTrack:
    none = np.zeros(40, np.float32)
    return FaceTrack(None, None, [], none, 1.0, CropBox(x, 50.0, 100.0), (speed, 0.0))  # type: ignore[arg-type]


def face(x: float = 0.0, trait: float = 0.0) -> Tracked:
    params = np.zeros(N_PARAMS, np.float32)
    params[IDENTITY] = trait
    blendshapes, box = np.zeros(52, np.float32), CropBox(x, 50.0, 100.0)
    seen = SeenView(np.concatenate([params, blendshapes]), 1, box, None)
    return Tracked(box, 0.95, params, blendshapes, seen)


def test_a_tracks_identity_is_a_mean_that_forgets() -> None:
    person = track()
    for trait, mean in ((2.0, 2.0), (4.0, 3.0), (0.0, 2.0)):
        person.update(face(trait=trait), 1.0)
        assert np.allclose(person.identity, mean, atol=1e-5)
    for _ in range(200):
        person.update(face(trait=1.0), 1.0)
    assert np.allclose(person.identity, 1.0, atol=1e-3)


def test_speed_is_that_of_neighbouring_frames() -> None:
    person = track()
    person.update(face(4.0), 1.1)
    assert person.speed == pytest.approx((40.0, 0.0))
    person.update(face(90.0), 2.0)  # after a gap nobody knows
    assert person.speed == pytest.approx((40.0, 0.0))


@pytest.mark.parametrize(
    ("x", "trait", "same"),
    [
        (0.0, 0.9, True),
        (140.0, 0.9, True),  # within one and a half crops
        (160.0, 0.9, False),  # further off, and only somewhat like him
        (160.0, 0.4, True),  # as like him as that, wherever
        (0.0, 1.1, False),  # where he was, but another
    ],
)
def test_who_comes_back_is_known_by_place_and_looks(x: float, trait: float, same: bool) -> None:
    assert MultiFaceTracker._may_be(track(), face(x, trait), 1.0) is same


def test_a_track_goes_on_as_it_went() -> None:
    assert track(10, 40).expected(1.25) == (20.0, 50.0)
    assert track(10, 40).expected(9.0) == (30.0, 50.0)  # for half a second at most


def test_a_face_costs_more_the_further_it_is_and_the_more_it_is_another() -> None:
    def cost(x: float, trait: float) -> float:
        return track().matching_cost(face(x, trait), 1.0)

    assert cost(0, 0) == 0
    assert cost(50, 0) == pytest.approx(0.5)
    assert cost(0, 2) == pytest.approx(2.0)
    assert cost(50, 2) == pytest.approx(2.5)


def test_crops_near_each_other_show_one_face() -> None:
    assert same_place(CropBox(0, 0, 100), CropBox(30, 0, 80))
    assert not same_place(CropBox(0, 0, 100), CropBox(40, 0, 80))
