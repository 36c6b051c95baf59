# SPDX-License-Identifier: GPL-3.0-or-later
import hashlib
import tomllib
import zipfile
from pathlib import Path

import pytest

from build_addon import (
    GENERATIONS,
    PLATFORMS,
    ROOT,
    SHIPPED,
    build,
    fetch_wheels,
    manifest,
    pinned,
    pins_of,
)

PINS = """
# made up
numpy==1.2.3 \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
scipy==4.5 ; python_version >= "3.11" \\
    --hash=sha256:{b}
""".format(a="a" * 64, b="b" * 64)


def test_pins_are_read_with_all_their_hashes() -> None:
    assert pinned(PINS) == {
        "numpy": ("1.2.3", {"a" * 64, "b" * 64}),
        "scipy": ("4.5", {"b" * 64}),
    }


def test_windows_gets_the_network_that_its_blenders_can_load() -> None:
    usual = pinned((ROOT / "requirements.txt").read_text())
    for platform in PLATFORMS:
        for generation in GENERATIONS:
            pins = pins_of(platform, generation.python)
            assert {n: p for n, p in pins.items() if n != "onnxruntime"} == {
                n: p for n, p in usual.items() if n != "onnxruntime"
            }
            older = (platform.name, generation.python) == ("windows-x64", "3.11")
            assert (pins["onnxruntime"][0] == "1.18.1") is older


def test_numpy_is_blenders_own() -> None:
    assert "numpy" not in SHIPPED


def test_the_manifest_names_one_platform_and_its_wheels() -> None:
    text = manifest(
        ["linux-x64"], [Path("a/scipy-1-cp311.whl"), Path("b/ort-2-cp311.whl")], GENERATIONS[0]
    )
    found = tomllib.loads(text)
    assert found["platforms"] == ["linux-x64"]
    assert found["wheels"] == ["./wheels/scipy-1-cp311.whl", "./wheels/ort-2-cp311.whl"]
    assert (found["blender_version_min"], found["blender_version_max"]) == ("4.2.0", "5.1.0")
    assert all(len(reason) <= 64 for reason in found["permissions"].values())
    assert "network" not in found["permissions"]


def test_every_blender_has_one_zip() -> None:
    first, second = (tomllib.loads(manifest([], [], g)) for g in GENERATIONS)
    assert first["blender_version_max"] == second["blender_version_min"]
    assert "blender_version_max" not in second


def test_a_zip_holds_the_package_the_models_and_the_licences(tmp_path: Path) -> None:
    wheel = tmp_path / "some-1-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    path = build(PLATFORMS[0], [wheel], tmp_path / "dist", GENERATIONS[1])
    names = zipfile.ZipFile(path).namelist()
    tables = {f"mappings/{p.name}" for p in (ROOT / "addon/mien/mappings").glob("*.toml")}
    assert tables
    assert tables <= set(names)
    for wanted in (
        "blender_manifest.toml", "__init__.py", "registration.py", "core/capture/capture.py", "LICENSE",
        "models/head/head.npz", "models/regressor/mobilenet_x05.onnx", f"wheels/{wheel.name}",
    ):  # fmt: skip
        assert wanted in names
    assert not [n for n in names if "__pycache__" in n or n.startswith(("training", "tests"))]
    assert [p.name for p in (tmp_path / "dist").iterdir()] == [path.name]


def test_a_wheel_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    for package in SHIPPED:
        version = pinned((ROOT / "requirements.txt").read_text())[package][0]
        folder = tmp_path / "linux-x64" / "3.11" / f"{package}-{version}"
        folder.mkdir(parents=True)
        (folder / f"{package}.whl").write_bytes(b"not the pinned one")
        assert hashlib.sha256(b"not the pinned one").hexdigest()
    with pytest.raises(SystemExit, match="not the pinned"):
        fetch_wheels(PLATFORMS[0], "3.11", tmp_path)
