# SPDX-License-Identifier: GPL-3.0-or-later
"""Live Link Face's CSV: written and read back equal, and read as the app writes it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.core.errors import MienError
from mien.core.formats.live_link import ANGLES, columns, read_live_link, write_live_link
from mien.core.model.arkit import ARKIT_BLENDSHAPES, N_BLENDSHAPES
from mien.core.model.gaze import set_gaze
from mien.core.model.head import Head
from mien.core.model.rotation import to_matrices, unroll
from mien.core.performance.performance import Performance, to_performance
from mien.core.solve.motion import solve_take
from scipy.spatial.transform import Rotation

from ...conftest import made_take

PRINTED = 0.5e-6


def made(count: int = 40, fps: float = 30.0, seed: int = 0) -> Performance:
    """A performance of random weights, turns and looks."""
    rng = np.random.default_rng(seed)
    eyes = rng.uniform(-0.5, 0.5, (count, 2, 2)).astype(np.float32)
    weights = set_gaze(rng.uniform(0, 1, (count, N_BLENDSHAPES)).astype(np.float32), eyes)
    turns = Rotation.from_euler("YXZ", rng.uniform(-1.2, 1.2, (count, 3))).as_quat()
    return Performance(
        np.arange(count) / fps, weights, unroll(turns[:, [3, 0, 1, 2]].astype(np.float32)),
        np.tile(np.array([0, 0, -0.5], np.float32), (count, 1)), eyes,
        np.ones(count, np.float32), np.ones(N_BLENDSHAPES, np.float32), fps,
    )  # fmt: skip


def assert_same(one: Performance, other: Performance) -> None:
    assert np.allclose(one.times, other.times, rtol=0, atol=0.0006 / one.fps)
    assert np.abs(one.blendshapes - other.blendshapes).max() <= PRINTED + 1e-7
    assert np.abs(one.eyes - other.eyes).max() <= PRINTED + 1e-7
    assert np.abs(one.rotation - other.rotation).max() <= 4 * PRINTED + 1e-6


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([24.0, 25.0, 30.0, 60.0]))
def test_what_was_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, seed: int, fps: float
) -> None:
    performance = made(90, fps, seed)
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    write_live_link(performance, path)
    again = read_live_link(path)
    assert again.fps == fps  # told by where the seconds roll over
    assert_same(performance, again)


def test_written_twice_is_the_same_file(tmp_path: Path) -> None:
    write_live_link(made(), tmp_path / "a.csv")
    write_live_link(read_live_link(tmp_path / "a.csv"), tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_text() == (tmp_path / "b.csv").read_text()


def test_a_rate_that_is_no_whole_number_is_kept_when_given(tmp_path: Path) -> None:
    performance = made(100, 30000 / 1001)
    write_live_link(performance, tmp_path / "a.csv")
    assert_same(performance, read_live_link(tmp_path / "a.csv", 30000 / 1001))


def test_the_header_is_the_apps() -> None:
    header = columns()
    assert header[:4] == ("Timecode", "BlendShapeCount", "EyeBlinkLeft", "EyeLookDownLeft")
    assert header[16:20] == ("JawForward", "JawRight", "JawLeft", "JawOpen")
    assert header[23:25] == ("MouthRight", "MouthLeft")
    assert header[53:57] == ("TongueOut", "HeadYaw", "HeadPitch", "HeadRoll")
    assert len(header) == 63
    assert {n.casefold() for n in header[2:54]} == {n.casefold() for n in ARKIT_BLENDSHAPES}


def test_a_take_goes_out_with_its_blinks_and_turns(head: Head, tmp_path: Path) -> None:
    performance = to_performance(solve_take(made_take(head, lost=(7, 8))))
    write_live_link(performance, tmp_path / "a.csv")
    again = read_live_link(tmp_path / "a.csv")
    assert_same(performance, again)


def app_file(path: Path, rows: list[str], names: str = "EyeBlinkLeft,JawOpen") -> Path:
    path.write_text("\n".join([f"Timecode,BlendShapeCount,{names}", *rows]) + "\n")
    return path


def test_signs_of_the_angles(tmp_path: Path) -> None:
    names = ",".join(ANGLES)
    rows = [
        "00:00:00:00.000,61,0.3,0,0,0.1,0.2,0,0.1,0.2,0,0",
        "00:00:01:00.000,61,0,0.4,0,0,0,0,0,0,0,0",
    ]
    found = read_live_link(app_file(tmp_path / "a.csv", rows, f"{names},JawOpen"))
    nose = to_matrices(found.rotation)[0, :, 2]
    assert nose[0] == pytest.approx(np.sin(0.3), abs=1e-6)  # yaw: to the subject's left
    assert to_matrices(found.rotation)[1, 1, 2] == pytest.approx(-np.sin(0.4), abs=1e-6)  # down
    assert found.eyes[0, 0] == pytest.approx([0.1, -0.2])


def test_a_recording_of_the_app(tmp_path: Path) -> None:
    rows = [
        "14:03:51:58.120,61,0.25,0.5",
        "14:03:51:59.121,61,0.35,0.6",
        "14:03:52:00.119,0",  # the app saw no face
        "14:03:52:01.120,61,0.55,0.8",
        "14:03:52:01.120,61,0.99,0.9",  # the same time again
    ]
    found = read_live_link(app_file(tmp_path / "a.csv", rows))
    assert found.fps == 60.0
    # No row is lost: what has the time of the row before comes a frame later.
    assert found.times == pytest.approx([0, 1.001 / 60, 1.999 / 60, 3 / 60, 4 / 60], abs=1e-9)
    assert found.confidence.tolist() == [1, 1, 0, 1, 1]
    blink, jaw = ARKIT_BLENDSHAPES.index("eyeBlinkLeft"), ARKIT_BLENDSHAPES.index("jawOpen")
    assert found.blendshapes[2, blink] == pytest.approx(0.45, abs=1e-3)
    assert found.seen[[blink, jaw]].tolist() == [1, 1]
    assert found.seen.sum() == 2
    assert not found.blendshapes[
        :, [i for i in range(N_BLENDSHAPES) if i not in (blink, jaw)]
    ].any()


def clocked(path: Path, codes: list[str], delimiter: str = ",") -> Path:
    rows = [delimiter.join([code, "61", "0.25", "0.5"]) for code in codes]
    names = delimiter.join(["Timecode", "BlendShapeCount", "EyeBlinkLeft", "JawOpen"])
    path.write_text("\n".join([names, *rows]) + "\n")
    return path


def counted(rate: int, count: int, first: int = 0) -> list[str]:
    """Timecodes of so many frames a second."""
    return [f"10:00:{f // rate:02d}:{f % rate:02d}.000" for f in range(first, first + count)]


@pytest.mark.parametrize("rate", [*range(1, 31), 48, 50, 60, 90, 120, 240])
def test_any_rate_is_found(rate: int, tmp_path: Path) -> None:
    warnings: list[str] = []
    found = read_live_link(clocked(tmp_path / "a.csv", counted(rate, 3 * rate)), None, warnings)
    assert found.fps == rate
    assert np.allclose(np.diff(found.times), 1 / rate)
    assert not warnings


@pytest.mark.parametrize("rate", [24, 25, 30, 59.94, 60, 120])
def test_milliseconds_are_told_from_frames(rate: float, tmp_path: Path) -> None:
    codes = [f"00:00:{int(i / rate):02d}:{int(i / rate % 1 * 1000):03d}" for i in range(200)]
    found = read_live_link(clocked(tmp_path / "a.csv", codes))
    assert found.fps == pytest.approx(rate, rel=0.002)
    assert np.allclose(found.times, np.arange(200) / rate, atol=0.0011)


@pytest.mark.parametrize(
    "codes",
    [
        ["00:00:00:00.000"] * 180,
        counted(60, 90) + [c.replace("10:00", "00:00") for c in counted(60, 90)],
        [c.replace("10:00", "00:00") for c in counted(60, 90)] + counted(60, 90),
        counted(60, 100) + counted(60, 80, 10),
    ],
    ids=["stands", "restarts", "leaps", "falls back"],
)
def test_a_clock_that_is_none_loses_no_row(codes: list[str], tmp_path: Path) -> None:
    warnings: list[str] = []
    found = read_live_link(clocked(tmp_path / "a.csv", codes), None, warnings)
    assert np.allclose(found.times, np.arange(180) / 60)
    assert "stands or leaps" in warnings[0]


def test_a_clock_that_is_coarser_than_the_rows_is_spread(tmp_path: Path) -> None:
    codes = [code for code in counted(30, 90) for _ in range(2)]
    found = read_live_link(clocked(tmp_path / "a.csv", codes))
    assert found.fps == 60
    assert np.allclose(found.times, np.arange(180) / 60)


def test_ends_of_seconds_that_are_missing_are_doubted(tmp_path: Path) -> None:
    codes = [c for c in counted(60, 240) if int(c[9:11]) < 45]
    warnings: list[str] = []
    found = read_live_link(clocked(tmp_path / "a.csv", codes), None, warnings)
    assert found.fps == 60
    assert found.times[45] == pytest.approx(1.0)
    assert "is a guess, 60 a second" in warnings[0]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_separators_and_decimal_commas(delimiter: str, tmp_path: Path) -> None:
    path = clocked(tmp_path / "a.csv", counted(30, 60), delimiter)
    path.write_text(path.read_text().replace(".", ","))
    found = read_live_link(path)
    assert found.fps == 30
    assert found.blendshapes[:, ARKIT_BLENDSHAPES.index("jawOpen")] == pytest.approx(0.5)


def test_degrees_and_percent_are_doubted(tmp_path: Path) -> None:
    rows = ["00:00:00:00.000,61,17.2,40", "00:00:01:00.000,61,-5,80"]
    warnings: list[str] = []
    found = read_live_link(app_file(tmp_path / "a.csv", rows, "HeadYaw,JawOpen"), None, warnings)
    assert to_matrices(found.rotation)[0, 0, 2] == pytest.approx(np.sin(np.radians(17.2)), abs=1e-5)
    assert found.blendshapes[1, ARKIT_BLENDSHAPES.index("jawOpen")] == pytest.approx(0.8)
    assert "percent" in warnings[0]
    assert "degrees" in warnings[1]


def test_a_file_without_ends_of_lines_is_not_read_into_memory(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Timecode,BlendShapeCount,JawOpen\n" + "1," * 100_000)
    with pytest.raises(MienError, match="not a CSV of Live Link Face"):
        read_live_link(tmp_path / "a.csv")


def test_midnight_passes(tmp_path: Path) -> None:
    rows = ["23:59:59:59.000,61,0,0", "00:00:00:00.000,61,0,1"]
    assert read_live_link(app_file(tmp_path / "a.csv", rows)).times[1] == pytest.approx(1 / 60)


def test_a_short_recording_has_the_apps_rate_or_the_one_given(tmp_path: Path) -> None:
    path = app_file(tmp_path / "a.csv", ["00:00:00:00.000,61,0,0", "00:00:00:12.000,61,0,0"])
    assert read_live_link(path).times[1] == pytest.approx(12 / 60)
    assert read_live_link(path, 24).times[1] == pytest.approx(12 / 24)
    with pytest.raises(MienError, match="above 0"):
        read_live_link(path, 0)


BAD = {
    "is not a CSV": "frame,time\n1,2\n",
    "of Live Link": "Timecode,BlendShapeCount,Colour\n00:00:00:00,61,0\n",
    "holds no frames": "Timecode,BlendShapeCount,JawOpen\n",
    "line 2: 'now'": "Timecode,BlendShapeCount,JawOpen\nnow,61,0\n",
    "line 3, has": "Timecode,BlendShapeCount,JawOpen\n00:00:00:00,61,0\n00:00:00:01,61,wide\n",
    "line 2, has": "Timecode,BlendShapeCount,JawOpen\n00:00:00:00,61,inf\n",
    "line 2, has more": "Timecode,BlendShapeCount,JawOpen\n00:00:00:00,61,0,0\n",
    "names a column twice": "Timecode,BlendShapeCount,JawOpen,jawopen\n00:00:00:00,61,0,0\n",
    "no frame with a face": "Timecode,BlendShapeCount,JawOpen\n00:00:00:00,0\n",
}


@pytest.mark.parametrize("said", BAD)
def test_a_bad_file_is_named_in_one_sentence(said: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(BAD[said])
    with pytest.raises(MienError) as caught:
        read_live_link(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n"])
def test_other_files_are_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(MienError, match="not a CSV of Live Link Face"):
        read_live_link(tmp_path / "a.csv")
    with pytest.raises(MienError, match="does not exist"):
        read_live_link(tmp_path / "gone.csv")


def test_an_older_file_stays_when_writing_fails(tmp_path: Path) -> None:
    with pytest.raises(MienError, match="cannot be written"):
        write_live_link(made(), tmp_path / "gone" / "a.csv")


def test_the_timecode_begins_where_it_is_told(tmp_path: Path) -> None:
    performance, path = made(40, 24.0), tmp_path / "a.csv"
    write_live_link(performance, path, 1001)
    rows = path.read_text().splitlines()
    assert rows[1].startswith("00:00:41:17.000,")  # 41 * 24 + 17
    assert rows[-1].startswith("00:00:43:08.000,")
    assert_same(performance, read_live_link(path))  # whose first row is at time zero again
    for wrong in (-1, float("nan"), float("inf")):
        with pytest.raises(MienError, match="start on frame"):
            write_live_link(performance, path, wrong)
    assert path.read_text().splitlines() == rows
