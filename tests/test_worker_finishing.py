# SPDX-License-Identifier: GPL-3.0-or-later
"""What a child does with its takes: one that fails stops none of the others."""

import threading
from functools import partial
from pathlib import Path

import pytest
from mien.core.capture.capture import Models, capture
from mien.core.capture.sources import open_source
from mien.core.take.take_file import load_take
from mien.core.texture.sequence_folder import find_sequence
from mien.worker.finishing import Finishing
from mien.worker.job import STATUS, Job
from mien.worker.reporter import Reporter


@pytest.fixture
def takes(models: Models, clip: Path, tmp_path: Path) -> list[Path]:
    """Two takes, of which the first is damaged."""
    paths = [tmp_path / "a.take.npz", tmp_path / "b.take.npz"]
    for path in paths:
        capture(open_source(clip, end=0.4), models, path)
    paths[0].write_bytes(b"none")
    return paths


def finishing(models: Models, clip: Path, takes: list[Path], stopped: threading.Event) -> Finishing:
    job = Job(str(clip), str(takes[0]), refine=True, texture=True, sequence=True)
    reporter = Reporter(takes[0].parent, models)
    footage = partial(open_source, clip, end=0.4)
    return Finishing(job, takes, footage, models.head, reporter, stopped)


def test_a_take_that_fails_stops_none_of_the_others(
    models: Models, clip: Path, takes: list[Path]
) -> None:
    said = finishing(models, clip, takes, threading.Event()).run()
    assert [sentence.split(":")[0] for sentence in said] == [
        "The take could not be refined",
        "The texture could not be baked",
        "The skin in motion could not be painted",
    ]
    assert all("a.take.npz" in sentence for sentence in said)
    whole = load_take(takes[1])
    assert whole.texture is not None
    assert find_sequence(takes[1], whole) is not None
    assert takes[0].read_bytes() == b"none"
    assert (takes[0].parent / STATUS).exists()


def test_who_stops_gets_takes_as_they_were(models: Models, clip: Path, takes: list[Path]) -> None:
    stopped = threading.Event()
    stopped.set()
    assert finishing(models, clip, takes, stopped).run() == []
    assert load_take(takes[1]).texture is None
