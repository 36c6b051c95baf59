# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: a job is settled as long as nothing it depends on has changed."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from mien.batch.job import Job
from mien.batch.job_state import (
    JobRecord,
    digest_of,
    forget,
    read_record,
    record_path,
    up_to_date,
    write_record,
)
from mien.core.modes import State


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job whose footage and output are there."""
    (tmp_path / "a.mp4").write_bytes(b"moving pictures")
    (tmp_path / "a.blend").write_bytes(b"a scene")
    (tmp_path / "a.npz").write_bytes(b"a take")
    return Job(
        tmp_path / "jobs.toml", "a", tmp_path / "a.blend", tmp_path / "a.npz",
        footage=tmp_path / "a.mp4",
    )  # fmt: skip


def settle(job: Job, state: str = State.DONE) -> JobRecord:
    digest, inputs = digest_of(job)
    record = JobRecord(job.name, state, digest, inputs=inputs)
    write_record(job, record)
    return record


def test_a_record_is_read_as_it_was_written(job: Job) -> None:
    record = settle(job)
    assert read_record(record_path(job)) == record
    assert up_to_date(job) == record
    assert {p.name for p in record_path(job).parent.iterdir()} == {"a.json"}


def test_nothing_is_settled_without_a_record(job: Job) -> None:
    assert up_to_date(job) is None
    settle(job)
    forget(job)
    assert up_to_date(job) is None
    forget(job)


def test_other_footage_unsettles(job: Job) -> None:
    assert job.footage is not None
    settle(job)
    job.footage.write_bytes(b"other pictures!")
    assert up_to_date(job) is None


def test_the_same_footage_with_a_new_date_does_not(job: Job) -> None:
    assert job.footage is not None
    settle(job)
    os.utime(job.footage, ns=(1, 1))
    assert up_to_date(job) is not None


def test_another_wish_unsettles(job: Job) -> None:
    settle(job)
    assert up_to_date(replace(job, start=1.0)) is None
    assert up_to_date(replace(job, exports=(job.output.with_suffix(".glb"),))) is None


def test_a_lost_output_unsettles_but_an_edited_one_does_not(job: Job) -> None:
    settle(job)
    job.output.write_bytes(b"a scene that an artist worked on")
    assert up_to_date(job) is not None
    job.output.unlink()
    assert up_to_date(job) is None


def test_a_failure_is_settled_without_outputs_until_its_input_appears(job: Job) -> None:
    assert job.footage is not None
    job.output.unlink()
    job.footage.unlink()
    settle(job, State.FAILED)
    assert up_to_date(job) is not None
    job.footage.write_bytes(b"here it is")
    assert up_to_date(job) is None


def test_a_folder_of_images_counts_by_each_of_them(job: Job, tmp_path: Path) -> None:
    frames = tmp_path / "frames"
    frames.mkdir()
    (frames / "1.png").write_bytes(b"one")
    sequence = replace(job, footage=frames)
    settle(sequence)
    assert up_to_date(sequence) is not None
    (frames / "2.png").write_bytes(b"two")
    assert up_to_date(sequence) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"name": "a", "state": "odd"}', "\x00", '{"name": 1']
)
def test_a_damaged_record_is_no_record(text: str, job: Job) -> None:
    settle(job)
    record_path(job).write_text(text)
    assert up_to_date(job) is None
