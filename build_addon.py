# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the extension zips, one per platform and Python of Blender: ``python build_addon.py``.

The versions and hashes of the wheels come from ``requirements.txt``, for Windows and Blender 4.2 to 5.0
from ``requirements-windows-3.11.txt`` first, and from nowhere else. Wheels are fetched with pip, checked
against those hashes, and kept in ``cache/wheels``.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent
PACKAGE = ROOT / "addon" / "mien"
MODELS = ROOT / "models"
PINS = ROOT / "requirements.txt"
OWN_PINS = {("windows-x64", "3.11"): ROOT / "requirements-windows-3.11.txt"}
"""ONNX Runtime 1.18.1 is the newest that is content with the C++ runtime of Visual Studio 2019, which Blender
4.2 to 5.0 bring along; 1.19 is reported to fail beside that one, 1.21 on every Windows without a recent
Redistributable, both with *DLL initialization routine failed* (docs/troubleshooting.md names the reports)."""
# numpy is Blender's own. What else onnxruntime names is needed by its tools, not to run a model.
SHIPPED = ("onnxruntime", "opencv-python-headless", "scipy")
SOURCES = ("*.py", "*.json", "mappings/*.toml")
LIMIT = 130 * 10**6
"""Bytes of a zip; Blender's platform for extensions takes 200 MB."""


class Generation(NamedTuple):
    """Versions of Blender with one Python: from the first up to, not including, the last."""

    name: str
    python: str
    first: str
    last: str | None


GENERATIONS = (
    Generation("blender4.2", "3.11", "4.2.0", "5.1.0"),
    Generation("blender5.1", "3.13", "5.1.0", None),
)


class Platform(NamedTuple):
    """A platform by Blender's name and the tags that pip knows it by, best first."""

    name: str
    tags: tuple[str, ...]


PLATFORMS = (
    Platform("linux-x64", ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux2014_x86_64",
                           "manylinux_2_17_x86_64")),
    Platform("windows-x64", ("win_amd64",)),
    Platform("macos-arm64", ("macosx_13_0_arm64", "macosx_12_0_arm64", "macosx_11_0_arm64")),
    Platform("macos-x64", ("macosx_13_0_x86_64", "macosx_12_0_x86_64", "macosx_10_14_x86_64")),
)  # fmt: skip


def pinned(text: str) -> dict[str, tuple[str, set[str]]]:
    """Version and allowed SHA-256 hashes of each package in a requirements file."""
    found = {}
    for entry in re.split(r"\n(?=\S)", text):
        match = re.match(r"([A-Za-z0-9_.-]+)==([^\s;\\]+)", entry)
        if match:
            found[match[1].lower()] = (match[2], set(re.findall(r"sha256:([0-9a-f]{64})", entry)))
    return found


def pins_of(platform: Platform, python: str) -> dict[str, tuple[str, set[str]]]:
    """Versions and hashes of what a zip carries."""
    own = OWN_PINS.get((platform.name, python))
    return pinned(PINS.read_text()) | (pinned(own.read_text()) if own else {})


def model_files() -> list[str]:
    """What ships of ``models/``, relative to it: one list for wheel and zip, in ``pyproject.toml``."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    paths = [
        q
        for p in named
        for q in (sorted((ROOT / p).iterdir()) if (ROOT / p).is_dir() else [ROOT / p])
    ]
    return [q.relative_to(MODELS).as_posix() for q in paths]


def fetch_wheels(platform: Platform, python: str, cache: Path) -> list[Path]:
    """Wheels of the shipped packages for a platform, downloaded where they are not yet at hand.

    Raises:
        SystemExit: a wheel cannot be had, or is not the pinned one.
    """
    pins = pins_of(platform, python)
    wheels = []
    for package in SHIPPED:
        version, hashes = pins[package]
        folder = cache / platform.name / python / f"{package}-{version}"
        wheel = next(iter(folder.glob("*.whl")), None) or _download(
            package, version, python, platform, folder
        )
        if hashlib.sha256(wheel.read_bytes()).hexdigest() not in hashes:
            raise SystemExit(f"{wheel} is not the pinned {package} {version}; delete it")
        wheels.append(wheel)
    return sorted(wheels)


def _download(package: str, version: str, python: str, platform: Platform, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    command = [*_pip(), "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--python-version", python, "--dest", str(folder), f"{package}=={version}"]
    for tag in platform.tags:
        command += ["--platform", tag]
    if subprocess.run(command, check=False).returncode:
        raise SystemExit(f"{package} {version} has no wheel for {platform.name}, Python {python}")
    return next(folder.glob("*.whl"))


def _pip() -> list[str]:
    here = [sys.executable, "-m", "pip"]
    try:
        subprocess.run([*here, "--version"], check=True, capture_output=True)
    except subprocess.CalledProcessError:  # an environment made by uv has no pip of its own
        return ["uv", "tool", "run", "pip"]
    return here


def manifest(platforms: list[str], wheels: list[Path], generation: Generation) -> str:
    """The manifest with the platforms, the wheels and the versions of Blender of one zip filled in."""
    text = (PACKAGE / "blender_manifest.toml").read_text()
    own = f'blender_version_min = "{generation.first}"'
    own += f'\nblender_version_max = "{generation.last}"' if generation.last else ""
    text = re.sub(r"blender_version_min = .*", own, text)
    lines = [f"platforms = {platforms!r}".replace("'", '"'), "wheels = ["]
    lines += [f'  "./wheels/{wheel.name}",' for wheel in wheels] + ["]", ""]
    head, mark, permissions = text.partition("[permissions]")
    return head + "\n".join(lines) + "\n" + mark + permissions


def build(platform: Platform, wheels: list[Path], output: Path, generation: Generation) -> Path:
    """Write one zip and check its size; a zip of that name is replaced when the new one is whole."""
    version = tomllib.loads((PACKAGE / "blender_manifest.toml").read_text())["version"]
    output.mkdir(parents=True, exist_ok=True)
    path = output / f"mien-{version}-{platform.name}-{generation.name}.zip"
    part = path.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("blender_manifest.toml", manifest([platform.name], wheels, generation))
        for source in sorted(p for kind in SOURCES for p in PACKAGE.rglob(kind)):
            file.write(source, source.relative_to(PACKAGE).as_posix())
        for model in model_files():
            file.write(MODELS / model, f"models/{model}")
        for licence in ("LICENSE", "LICENSE.assets"):
            file.write(ROOT / licence, licence)
        for wheel in wheels:
            file.write(wheel, f"wheels/{wheel.name}", zipfile.ZIP_STORED)
    if part.stat().st_size > LIMIT:
        raise SystemExit(
            f"{part} is over {LIMIT / 1e6:.0f} MB; leave something out, or raise LIMIT"
        )
    part.replace(path)
    return path


def main() -> None:
    """Build the zips asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    names = [p.name for p in PLATFORMS]
    parser.add_argument("--platform", choices=[*names, "all"], default="all")
    parser.add_argument(
        "--blender", choices=[*(g.name.removeprefix("blender") for g in GENERATIONS), "all"],
        default="all", help="4.2 is for 4.2 to 5.0, 5.1 for 5.1 onward",
    )  # fmt: skip
    parser.add_argument("--output", type=Path, default=ROOT / "dist")
    parser.add_argument("--cache", type=Path, default=ROOT / "cache" / "wheels")
    parser.add_argument(
        "--wheels", type=Path, nargs="+",
        help="pack these wheels instead of the pinned ones, for a Blender with another Python",
    )  # fmt: skip
    arguments = parser.parse_args()
    for platform in PLATFORMS:
        for generation in GENERATIONS:
            wanted = (arguments.platform, arguments.blender)
            if wanted[0] in (platform.name, "all") and wanted[1] in (generation.name[7:], "all"):
                wheels = arguments.wheels or fetch_wheels(
                    platform, generation.python, arguments.cache
                )
                path = build(platform, wheels, arguments.output, generation)
                print(f"{path}  {path.stat().st_size / 1e6:.1f} MB  {len(wheels)} wheels")


if __name__ == "__main__":
    main()
