# SPDX-License-Identifier: GPL-3.0-or-later
"""Does one job in this process, from its inputs to its files and its record."""

import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from ..core.assets import head_path
from ..core.errors import MienError
from ..core.formats.live_link import read_live_link, write_live_link
from ..core.formats.take_text import check_head
from ..core.model.crop import ImageArray
from ..core.model.head import load_head
from ..core.modes import State
from ..core.performance.performance import Performance, to_performance
from ..core.performance.performance_to_motion import performance_to_motion
from ..core.preview import write_preview
from ..core.solve.adjust import clean_motion
from ..core.solve.motion import Motion
from ..core.take.journal import journals_of
from ..core.take.take import Take
from ..core.take.take_file import load_take
from ..core.texture.sequence_folder import check_sequence, find_sequence, sequence_path
from ..core.writing import unfinished
from ..scene.typed import scene_of
from ..scene.write import write_scene
from ..terminal.capture import capture_takes
from ..terminal.printing import tell, warn
from ..worker.job import Job as Capture
from .job import Job
from .job_state import JobRecord, digest_of, forget, write_record


def do_job(job: Job) -> JobRecord:
    """Do a job here and now, and write its record.

    Nothing is raised for a job that fails: its record says why.
    """
    forget(job)
    digest, inputs = digest_of(job)
    start = time.monotonic()
    state, message, frames = State.DONE, "", 0
    try:
        frames = _perform(job)
    except MienError as error:
        state, message = State.FAILED, str(error)
    except Exception as error:
        traceback.print_exc()
        state = State.FAILED
        message = f"{job.name} broke off ({type(error).__name__}: {error}); its log says where."
    record = JobRecord(
        job.name, state, digest, message, frames, time.monotonic() - start, _peak(), inputs
    )
    write_record(job, record)
    return record


def leftovers(job: Job) -> list[Path]:
    """Unfinished files and folders that a process leaves behind when it is ended in the middle of a job."""
    paths: list[Path] = []
    for path in job.outputs:
        paths += unfinished(path)
    if job.footage is not None:
        paths += journals_of(job.take)
    return paths


def _perform(job: Job) -> int:
    """Write all that the job asks for; the number of frames."""
    for path in job.outputs:
        _make_folder(path.parent)
    if job.paints_skin:
        check_sequence(sequence_path(job.take), job.footage)
    head = load_head(head_path())
    takes = _takes(job)
    take = next(iter(takes.values()), None)
    if take is None:
        warnings: list[str] = []
        performance = read_live_link(job.take, job.fps, warnings)
        for warning in warnings:
            warn(f"warning: {warning}")
        motion, footage = performance_to_motion(performance, head), None
        motions = [motion]
    else:
        motions = [clean_motion(t, head, job.adjustments, job.rest) for t in takes.values()]
        motion = motions[0]
        footage = job.footage or _named(take, job)
        performance = to_performance(motion)
    if job.avatar is not None and job.target is not None:
        from ..avatar.retarget_file import retarget_file

        done = retarget_file(
            performance, job.target, job.output, job.avatar, job.map, keying=job.keying
        )
        tell(done.report())
    else:
        textures = [t.texture if job.texture is not False else None for t in takes.values()]
        moves = job.texture is not False and job.texture_sequence is not False
        sequences = [find_sequence(p, t) if moves else None for p, t in takes.items()]
        write_scene(
            job.output, motions, head, footage,
            keying=job.keying, textures=textures, hair=job.style, sequences=sequences,
        )  # fmt: skip
    if job.preview is not None:
        if take is None or footage is None:
            raise MienError(f"{job.take} has no footage to preview; leave the preview out.")
        from ..scene.film import encoder

        write_preview(
            job.preview, take, motion, head, footage, job.style, job.texture is not False,
            _character(job, motion), encoder(warn),
        )  # fmt: skip
    for path in job.exports:
        _export(path, performance, job.target)
    return len(performance)


def _character(job: Job, motion: Motion) -> Callable[[int, int], ImageArray] | None:
    """What paints a job's character, which was keyed just now; None for Mien's own head."""
    if job.avatar is None or job.target is None:
        return None
    import bpy

    from ..avatar.painting import CharacterPainter

    return CharacterPainter(scene_of(bpy.context), job.target, motion.times, job.keying).panel


def _named(take: Take, job: Job) -> Path | None:
    """The footage that a take names, where the job asks for it by its preview, or it lies with the jobs.

    A take may come from anybody, and the path in it may lead anywhere.
    """
    path = Path(os.path.abspath(job.jobs.parent / take.info.source))  # noqa: PTH100 - touches nothing
    near = path.is_relative_to(job.jobs.parent)
    return Path(take.info.source) if near or job.preview is not None else None


def _takes(job: Job) -> dict[Path, Take]:
    """The takes of a job by their files, captured if there is footage; none for a recording of Live Link Face."""
    if job.footage is None:
        if job.take.suffix.lower() == ".csv":
            return {}
        take = load_take(job.take)
        check_head(take, load_head(head_path()))
        return {job.take: take}
    return capture_takes(
        Capture(
            str(job.footage),
            str(job.take),
            start=job.start,
            end=job.end,
            fps=job.fps,
            model=str(job.model or ""),
            refine=job.refine is not False,
            texture=job.avatar is None if job.texture is None else job.texture,
            sequence=job.paints_skin,
            solve=False,
            faces=job.followed,
        )
    )


def _export(path: Path, performance: Performance, target: str | None) -> None:
    """Write a further file out of the scene that is open now, or out of the performance."""
    if path.suffix.lower() == ".csv":
        write_live_link(performance, path)
        return
    import bpy

    from ..scene.exporting import export_things, family, find_thing

    scene = scene_of(bpy.context)
    if target is None:
        thing = find_thing(scene)
    else:
        from ..avatar.target import find_target

        found = find_target(scene, target)
        thing = found.armature or found.meshes[0]
    for line in export_things(path, scene, family(thing)):
        tell(f"otherwise   {path.name}: {line}")


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MienError(
            f"The folder {path} cannot be made ({error.strerror}); choose another."
        ) from error


def _peak() -> int:
    """Most memory that this process or the capture's has had, in bytes; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return peak if sys.platform == "darwin" else peak * 1024
