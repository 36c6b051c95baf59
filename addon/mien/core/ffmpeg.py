# SPDX-License-Identifier: GPL-3.0-or-later
"""Encodes pictures as browsers play them, H.264 with the footage's sound, by an ffmpeg that is at hand."""

import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2

from .model.crop import ImageArray
from .video_sink import KEYFRAMES, EncoderError, Size

PATIENCE = 10.0
"""Seconds within which an ffmpeg says what it can."""
_UNSEEN = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class Sound(NamedTuple):
    """What is heard with pictures.

    Attributes:
        footage: whose sound it is, if there is any.
        start: second of it at which the first picture is shown.
        seconds: how long the pictures take.
    """

    footage: Path
    start: float
    seconds: float


@lru_cache(maxsize=1)
def ffmpeg_at_hand() -> str | None:
    """Path of an ffmpeg that encodes H.264 and AAC, or None; one that just lies in the current folder is none."""
    found = shutil.which("ffmpeg")
    if found is None or Path(found).resolve().parent == Path.cwd():
        return None
    try:
        said = subprocess.run(
            [found, "-hide_banner", "-encoders"], check=True, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=PATIENCE, creationflags=_UNSEEN,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    names = {line.split()[1] for line in said.splitlines() if len(line.split()) > 1}
    return found if {"libx264", "aac"} <= names else None


class FfmpegWriter:
    """Gives pictures to an ffmpeg, a :class:`mien.core.video_sink.Writer`.

    Args:
        program: the ffmpeg.
        path: of the .mp4, which it writes over.
        fps: pictures a second.
        size: width and height, both even.
        sound: that is put beside them.

    Raises:
        EncoderError: it does not start.
    """

    def __init__(self, program: str, path: Path, fps: float, size: Size, sound: Sound) -> None:
        footage = sound.footage.is_file()
        heard = ["-ss", f"{sound.start:.6f}", "-i", f"file:{sound.footage.absolute()}"]
        words = [
            program, "-v", "error", "-y", "-protocol_whitelist", "file,pipe",
            "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{size[0]}x{size[1]}", "-r", f"{fps:.9f}",
            "-i", "pipe:0",
            *(["-protocol_whitelist", "file", *heard] if footage else []),
            "-map", "0:v:0", *(["-map", "1:a:0?"] if footage else []), "-t", f"{sound.seconds:.6f}",
            # Half the time of the next preset; with the edges of blocks smoothed as good, and half as large again.
            "-c:v", "libx264", "-preset", "ultrafast", "-x264-params", "no-deblock=0:deblock=0,0",
            "-crf", "23", "-g", f"{max(1, round(KEYFRAMES * fps))}",
            # OpenCV turns colours as standard definition does.
            "-threads", "1", "-colorspace", "smpte170m", "-color_range", "tv", "-c:a", "aac",
            "-movflags", "+faststart", "-f", "mp4", f"file:{path.absolute()}",
        ]  # fmt: skip
        try:
            self._child = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                creationflags=_UNSEEN,
            )  # fmt: skip
        except OSError as error:
            raise EncoderError(str(error)) from error

    def write(self, picture: ImageArray) -> None:
        """Append a picture, BGR.

        Raises:
            EncoderError: the ffmpeg has ended.
        """
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420).data)
        except OSError as error:
            raise EncoderError(str(error)) from error

    def release(self) -> None:
        """Wait until the video is whole.

        Raises:
            EncoderError: it will not be.
        """
        assert self._child.stdin is not None
        try:
            self._child.stdin.close()
        except OSError as error:
            raise EncoderError(str(error)) from error
        finally:
            ended = self._child.wait()
        if ended != 0:
            raise EncoderError(f"ffmpeg ended with {ended}")
