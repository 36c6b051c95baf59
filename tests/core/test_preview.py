# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core import painting
from mien.core.errors import MienError
from mien.core.model.arkit import ARKIT_BLENDSHAPES
from mien.core.model.head import Head
from mien.core.painting import BLOCK, HeadPainter
from mien.core.preview import BACKDROP, HEIGHTS, PreviewPainter, panel_size
from mien.core.solve.motion import Motion, solve_take
from mien.core.surface_painter import Paint, SurfacePainter
from mien.core.video_sink import VideoSink, write_still

from ..conftest import made_take
from ..full_disk import full_after


def covered(panel: np.ndarray) -> np.ndarray:
    """Where a panel shows a head before the plain backdrop, rows and columns ``(n, 2)``."""
    return np.argwhere(np.abs(panel.astype(int) - BACKDROP).max(axis=2) > 3)


def test_the_panels_show_the_face_and_the_head_over_it_and_beside_it(head: Head) -> None:
    motion = solve_take(made_take(head))
    image = np.full((480, 640, 3), BACKDROP, np.uint8)
    x, y = motion.position[20].astype(int)
    image[y - 2 : y + 3, x - 2 : x + 3] = (0, 0, 255)
    panels = PreviewPainter(head, motion).panels(20, image)
    height, width = panel_size(motion)
    assert panels.shape == (height, 3 * width, 3)
    footage, over, alone = np.hsplit(panels, 3)
    mark = np.argwhere((footage[..., 2] > 200) & (footage[..., 0] < 90)).mean(axis=0)
    assert np.abs(mark - [height / 2, width / 2]).max() < 20  # zoomed: the face is in the middle
    assert len(covered(alone)) > 0.25 * height * width
    for panel in (over, alone):
        assert np.abs(covered(panel).mean(axis=0) - mark).max() < 25
    assert (over[:20] == footage[:20]).all()


def enlarged(motion: Motion, factor: float) -> Motion:
    """The motion of footage that is so much larger."""
    return replace(motion, position=motion.position * factor, scale=motion.scale * factor)


def test_the_zoom_is_that_of_the_face_however_large_the_footage(head: Head) -> None:
    motion = enlarged(solve_take(made_take(head)), 2)
    small = PreviewPainter(head, motion).panels(20, np.full((960, 1280, 3), BACKDROP, np.uint8))
    large = enlarged(motion, 2)
    big = PreviewPainter(head, large).panels(20, np.full((1920, 2560, 3), BACKDROP, np.uint8))
    assert np.abs(small.astype(int) - big).mean() < 2


def test_a_panel_has_no_more_pixels_than_the_face_is_worth(head: Head) -> None:
    motion = solve_take(made_take(head))
    sizes = [panel_size(enlarged(motion, f / np.median(motion.scale))) for f in (200, 1150, 5000)]
    heights = [height for height, _ in sizes]
    assert heights[0] == HEIGHTS[0] < heights[1] < heights[2] == HEIGHTS[1]
    for height, width in sizes:
        assert height % 16 == width % 16 == 0
        assert width / height == pytest.approx(0.8, abs=0.03)


def test_frames_may_be_painted_in_any_order(head: Head) -> None:
    motion = solve_take(made_take(head, count=BLOCK + 9))
    painter = HeadPainter(head, motion, {})
    rows = [BLOCK, 3, BLOCK - 1, BLOCK + 8, 0]
    for row in rows:
        again = HeadPainter(head, motion, {}).posed(row)
        assert np.abs(painter.posed(row) - again).max() < 1e-6


def test_what_lies_beyond_the_picture_paints_nothing(head: Head) -> None:
    painter = HeadPainter(head, solve_take(made_take(head)), {})
    assert not painter.paint(40, 30, 20, np.array([5000, 20]), 900.0).any()


def test_teeth_stay_behind_closed_lips_and_eyes_are_seen(
    head: Head, monkeypatch: pytest.MonkeyPatch
) -> None:
    def marked(region: str, *_: object) -> tuple[np.ndarray]:
        return (np.array([255 * (region == "teeth"), 255 * (region == "iris"), 0], np.float32),)

    monkeypatch.setattr(painting, "painted_region", marked)
    motion = solve_take(made_take(head))
    still = replace(
        motion, blendshapes=motion.blendshapes * 0,
        rotation=np.tile(np.float32([1, 0, 0, 0]), (len(motion.times), 1)),
    )  # fmt: skip
    opened = replace(still, blendshapes=still.blendshapes.copy())
    opened.blendshapes[:, ARKIT_BLENDSHAPES.index("jawOpen")] = 1
    count = {}
    for name, moving in (("shut", still), ("open", opened)):
        canvas = HeadPainter(head, moving, {}).paint(400, 400, 20, np.array([200, 200]), 1300.0)
        count[name] = (canvas[..., :2] > 60).sum(axis=(0, 1))
    assert count["shut"][0] <= 4
    assert count["open"][0] > 40
    assert count["shut"][1] > 60


def test_what_is_nearer_hides_what_is_behind_whatever_their_order() -> None:
    triangle = np.array([[-1, -1, 0], [1, -1, 0], [0, 1, 0]], np.float32)
    slanted = triangle + np.array([[0, 0, -1], [0, 0, 1], [0, 0, 0]], np.float32)
    points = np.concatenate([triangle, slanted])
    paints = [Paint(np.array(c, np.float32)) for c in ((255, 0, 0), (0, 0, 255))]
    for order in (np.array([[0, 1, 2], [3, 4, 5]]), np.array([[3, 4, 5], [0, 1, 2]])):
        painted = np.array([0, 1] if order[0, 0] == 0 else [1, 0], np.int32)
        painter = SurfacePainter(
            order.astype(np.int32), paints, painted, np.zeros((2, 3, 2), np.float32)
        )
        canvas = painter.paint(60, 60, points, np.array([30, 30]), 25.0)[..., :3]
        assert (
            canvas[45, 20].argmax() == 0
        )  # they cross in the middle: left the level one is nearer
        assert canvas[45, 40].argmax() == 2


def test_what_is_painted_moves_at_once_and_outlines_within_a_pixel() -> None:
    points = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32)
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    uvs = ((points[:, :2] + 1) / 2)[triangles].astype(np.float32)
    slope = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(256, axis=0)

    def fresh() -> SurfacePainter:
        paint = Paint(np.zeros(3, np.float32), slope)
        return SurfacePainter(triangles, [paint], np.zeros(2, np.int32), uvs)

    painter = fresh()
    first, near, far = (
        painter.paint(60, 60, points, np.array([at, 30.2]), 20.0) for at in (30.2, 30.8, 31.4)
    )
    assert (first[..., 3] == near[..., 3]).all()
    anew = fresh().paint(60, 60, points, np.array([30.8, 30.2]), 20.0)
    both = (near[..., 3] > 0) & (anew[..., 3] > 0)
    assert np.abs(near.astype(int) - anew)[both].max() <= 1
    assert np.abs(near.astype(int) - first)[both].max() > 2
    assert (far == fresh().paint(60, 60, points, np.array([31.4, 30.2]), 20.0)).all()


def test_a_baked_skin_is_shown(head: Head) -> None:
    motion = solve_take(made_take(head))
    image = np.full((480, 640, 3), BACKDROP, np.uint8)
    green = np.full((64, 64, 3), (40, 200, 40), np.uint8)
    shares = []
    for texture in (None, green):
        alone = np.hsplit(PreviewPainter(head, motion, texture=texture).panels(20, image), 3)[2]
        shown = covered(alone)
        colours = alone[shown[:, 0], shown[:, 1]].astype(int)
        shares.append((colours[:, 1] > colours[:, [0, 2]].max(axis=1) + 20).mean())
    assert shares[0] < 0.01
    assert shares[1] > 0.5


def test_where_the_face_was_lost_the_footage_is_bare(head: Head) -> None:
    motion = solve_take(made_take(head, lost=(20,)))
    image = np.full((480, 640, 3), 20, np.uint8)
    footage, over, alone = np.hsplit(PreviewPainter(head, motion).panels(20, image), 3)
    assert (footage == over).all()
    assert not len(covered(alone))


def test_a_video_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "p.mp4"
    with VideoSink(path, 25) as sink:
        for _ in range(5):
            sink.add(np.zeros((36, 64, 3), np.uint8))
        assert not path.exists()
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT) == 5
    assert [p.name for p in tmp_path.iterdir()] == ["p.mp4"]


def test_an_older_video_survives_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "p.mp4"
    path.write_bytes(b"older")

    def fail() -> None:
        with VideoSink(path, 25) as sink:
            sink.add(np.zeros((36, 64, 3), np.uint8))
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        fail()
    assert path.read_bytes() == b"older"
    assert [p.name for p in tmp_path.iterdir()] == ["p.mp4"]


def test_a_full_disk_leaves_the_older_video(tmp_path: Path) -> None:
    path = tmp_path / "p.mp4"
    path.write_bytes(b"older")
    noise = np.random.default_rng(0).integers(0, 255, (8, 360, 640, 3)).astype(np.uint8)

    def write() -> None:
        with VideoSink(path, 25) as sink:
            for picture in noise:
                sink.add(picture)

    with full_after(30_000), pytest.raises(MienError, match="free some space"):
        write()
    assert path.read_bytes() == b"older"
    assert [p.name for p in tmp_path.iterdir()] == ["p.mp4"]


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="choose another folder"):
        write_still(tmp_path / "gone" / "a.png", np.zeros((4, 4, 3), np.uint8))
