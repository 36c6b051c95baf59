# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.networks.network import Regressor
from training.networks.spatial_pooling import VIEWS, LearnedSpatialPool, begin_from


@settings(max_examples=20, deadline=None)
@given(channels=st.integers(1, 9), side=st.integers(1, 8), seed=st.integers(0, 1000))
def test_the_first_view_begins_as_the_plain_average(channels: int, side: int, seed: int) -> None:
    features = torch.randn(2, channels, side, side, generator=torch.Generator().manual_seed(seed))
    pooled = LearnedSpatialPool(channels)(features)
    assert pooled.shape == (2, VIEWS * channels)
    assert torch.allclose(pooled[:, :channels], features.mean(dim=(2, 3)), atol=1e-5)


def test_the_other_views_tell_right_from_left_and_top_from_bottom() -> None:
    pool = LearnedSpatialPool(1)
    spot = torch.zeros(1, 1, 4, 4)
    spot[0, 0, 0, 3] = 1.0
    _, right, down = pool(spot)[0]
    assert right > 0 > down
    _, mirrored, _ = pool(spot.flip(3))[0]
    assert torch.isclose(mirrored, -right)


def test_it_goes_on_from_weights_with_plain_pooling() -> None:
    torch.manual_seed(0)
    plain, placed = Regressor("mobilenet_x05").eval(), Regressor("mobilenet_x05_placed").eval()
    begin_from(placed, plain.state_dict())
    crop = torch.randn(2, 3, 120, 120)
    with torch.no_grad():
        for one, other in zip(plain(crop), placed(crop), strict=True):
            assert torch.allclose(one, other, atol=1e-5)
    again = Regressor("mobilenet_x05_placed")
    begin_from(again, placed.state_dict())
    assert torch.equal(again.params.weight, placed.params.weight)


def test_weights_of_another_body_are_refused() -> None:
    with pytest.raises(RuntimeError):
        begin_from(Regressor("mobilenet_x05_placed"), Regressor("mobilenet_x1").state_dict())
