# SPDX-License-Identifier: GPL-3.0-or-later
"""A real, windowed Blender on Debian, without touching the system: ``real_blender.py FOLDER``.

Debian's newest Blender is put into a folder of its own with ``debootstrap`` (about 2 GB, a few
minutes, needs root), and everything is run in it through ``chroot``. Debian builds Blender against
its own Python, so the zip for it is packed with wheels for that Python.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
SUITE = "sid"
PACKAGES = (
    "blender",
    "python3-numpy",
    "xvfb",
    "libgl1-mesa-dri",
    "libegl1",
    "imagemagick",
    "xdotool",
    "python3-cattr",  # Blender asks for these and the package does not
    "python3-requests",
)
# Newer than the pinned ones, which have no wheels for Debian's Python.
WHEELS = ("onnxruntime", "opencv-python-headless==4.11.0.86", "scipy")
TAGS = ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux2014_x86_64",
        "manylinux_2_17_x86_64")  # fmt: skip
STAGE = Path("tmp/mien")
WINDOW = (1280, 800)
PROFILE = "/" + str(STAGE / "profile")


def fetch(root: Path) -> None:
    """Install Debian and Blender into ``root``; nothing is done where Blender is there already."""
    if (root / "usr/bin/blender").exists():
        return
    if shutil.which("debootstrap") is None:
        raise SystemExit("debootstrap is not installed; run: apt-get install debootstrap")
    if os.geteuid() != 0:
        raise SystemExit("Only root may set up a system in a folder; run this with sudo.")
    root.mkdir(parents=True, exist_ok=True)
    subprocess.run(["debootstrap", "--variant=minbase", SUITE, str(root)], check=True)
    inside(root, ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES])


def inside(
    root: Path, command: list[str], capture: bool = False
) -> "subprocess.CompletedProcess[str]":
    """Run a command in the folder's own system, with an empty Blender profile."""
    environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/root", "LANG": "C.UTF-8",
                   "BLENDER_USER_RESOURCES": PROFILE}  # fmt: skip
    # A mount of its own for this one command: without /proc, libraries cannot tell the processor.
    script = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, str(root), *command],
        env=environment, text=True, capture_output=capture, check=not capture,
    )  # fmt: skip


def python_version(root: Path) -> str:
    """``3.14``: the Python that this Blender runs."""
    out = inside(root, ["python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], True)
    return out.stdout.strip()


def wheels(version: str, cache: Path) -> list[Path]:
    """Wheels for that Python, downloaded once."""
    folder = cache / "debian" / version
    if not list(folder.glob("*.whl")):
        from build_addon import _pip

        command = [*_pip(), "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        command += ["--python-version", version, "--dest", str(folder), *WHEELS]
        for tag in TAGS:
            command += ["--platform", tag]
        subprocess.run(command, check=True)
    return sorted(folder.glob("*.whl"))


def install(root: Path, footage: Path) -> "subprocess.CompletedProcess[str]":
    """Put a fresh zip into an empty profile and capture the footage through it."""
    from build_addon import PLATFORMS, Generation, build

    stage = root / STAGE
    shutil.rmtree(stage, ignore_errors=True)
    (stage / "profile").mkdir(parents=True)
    python = python_version(root)  # Debian's, whichever Blender it is
    own = wheels(python, ROOT / "cache" / "wheels")
    archive = build(PLATFORMS[0], own, stage, Generation("debian", python, "4.2.0", None))
    shutil.copy(footage, stage / "footage.mp4")
    shutil.copy(ROOT / "blender_tests" / "install_and_capture.py", stage)
    return inside(root, [
        "blender", "-b", "--python-exit-code", "1", "--python", f"/{STAGE}/install_and_capture.py",
        "--", f"/{STAGE}/{archive.name}", f"/{STAGE}/footage.mp4", f"/{STAGE}/installed.blend",
    ], capture=True)  # fmt: skip


def command(root: Path, words: list[str]) -> "subprocess.CompletedProcess[str]":
    """``blender -b --command mien ...`` with the extension that :func:`install` put in."""
    return inside(root, ["blender", "-b", "--command", "mien", *words], capture=True)


def in_a_window(
    root: Path, footage: Sequence[Path], steps: Sequence[str] = ()
) -> "subprocess.CompletedProcess[str]":
    """Use the installed extension in a window under Xvfb (see ``window_drive.py``).

    Results and screenshots are in ``window`` of the stage folder.

    Args:
        root: that Debian.
        footage: ``large.mp4``, ``pair.mp4``, ``gap.mp4`` and ``long.mp4`` of :mod:`benchmarks.footage`.
        steps: names of those to take; all by default.
    """
    stage = root / STAGE
    for part in (ROOT / "blender_tests").glob("window_*.py"):
        shutil.copy(part, stage)
    for clip in footage:
        shutil.copy(clip, stage)
    shutil.rmtree(stage / "window", ignore_errors=True)
    (stage / "window").mkdir()
    width, height = WINDOW
    here = f"/{STAGE}"
    script = (
        f"Xvfb -displayfd 3 -screen 0 {width}x{height}x24 3>{here}/display >/dev/null 2>&1 & "
        f"server=$!; sleep 2; DISPLAY=:$(cat {here}/display) LIBGL_ALWAYS_SOFTWARE=1 "
        f"blender --enable-event-simulate --window-geometry 0 0 {width} {height} "
        f"--python {here}/window_drive.py -- "
        f"{here}/window {here}/footage.mp4 {' '.join(steps)}; "
        "code=$?; kill $server; exit $code"
    )
    return inside(root, ["sh", "-c", script], capture=True)


def main() -> None:
    """Fetch Blender, install the extension, capture the clip by the command."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path, help="where that Debian lies or is to be put")
    folder = parser.parse_args().folder.resolve()
    from mien.cli.commands import demo_clip

    fetch(folder)
    for done in (
        install(folder, demo_clip()),
        command(folder, ["capture", f"/{STAGE}/footage.mp4", "--output", f"/{STAGE}/face.blend"]),
    ):
        print(done.stdout, done.stderr, sep="\n")
        if done.returncode:
            raise SystemExit(done.returncode)
    print(folder / STAGE / "face.blend")


if __name__ == "__main__":
    main()
