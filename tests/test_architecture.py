# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the project, which no single file can keep alone."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ADDON = ROOT / "addon" / "mien"
SOURCES = sorted(
    p for d in ("addon", "training", "benchmarks", "tests", "blender_tests")
    for p in (ROOT / d).rglob("*.py")
)  # fmt: skip


def imports(path: Path) -> Iterator[str]:
    """Names of all modules that a file imports, relative ones with their dots."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def relative(paths: list[Path]) -> list[str]:
    return [str(p.relative_to(ROOT)) for p in paths]


def test_the_core_knows_nothing_of_blender() -> None:
    core = [*(ADDON / "core").rglob("*.py"), ADDON / "__init__.py"]
    found = [p for p in core if {n.split(".")[0] for n in imports(p)} & {"bpy", "mathutils"}]
    assert not relative(found)


def test_the_core_runs_where_blender_is_not() -> None:
    program = (
        "import sys; sys.modules['bpy'] = None\n"
        "import mien.core.capture.capture, mien.core.preview, mien.core.formats.take_text, mien.cli.__main__"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_capturing_pulls_neither_torch_nor_the_labelling_tool() -> None:
    program = (
        "import sys, mien.cli.__main__, mien.core.preview\n"
        "assert not {'torch', 'mediapipe', 'matplotlib', 'training'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_package_does_not_name_itself() -> None:
    # As an extension it is called bl_ext.<repository>.mien.
    found = [p for p in ADDON.rglob("*.py") if any(n.split(".")[0] == "mien" for n in imports(p))]
    assert not relative(found)


def test_scenes_and_operators_are_not_reached_from_the_core() -> None:
    inner = (ADDON / "core").rglob("*.py")
    outer = ("..scene", "..cli", "...scene", "...cli", "..registration")
    assert not relative([p for p in inner if any(n.startswith(outer) for n in imports(p))])


def test_nothing_unpickles() -> None:
    bad = ("pickle", "shelve", "joblib", "dill", "cloudpickle")
    assert not relative([p for p in SOURCES if set(imports(p)) & set(bad)])
    texts = {p: p.read_text(encoding="utf-8") for p in SOURCES if p != Path(__file__)}
    assert not relative([p for p, t in texts.items() if "allow_pickle=True" in t])
    loads = [p for p, t in texts.items() if "torch.load(" in t]
    safe = [
        p for p in loads if texts[p].count("torch.load(") == texts[p].count("weights_only=True")
    ]
    assert loads == safe


def test_files_are_read_and_written_in_one_place() -> None:
    # The child's own folder, which nobody else writes to, excepted.
    packages = ("core", "scene", "avatar", "batch", "cli")
    writers = ("np.save", ".write_text(", "cv2.imwrite(", 'open("w"')
    direct = (*writers, "np.load(", "cv2.imread(", "json.load")
    own = {
        ADDON / "core" / "reading.py",
        ADDON / "core" / "writing.py",
        ADDON / "core/formats/rows.py",
    }
    files = [p for package in packages for p in (ADDON / package).rglob("*.py") if p not in own]
    assert not relative(
        [p for p in files if any(d in p.read_text(encoding="utf-8") for d in direct)]
    )
    # What training makes is written there too; it reads its own files with what made them.
    files = [p for p in (ROOT / "training").rglob("*.py") if p.name != "saving.py"]
    writers = (*writers, ".write_bytes(", "torch.save(", 'open("wb"')
    assert not relative(
        [p for p in files if any(d in p.read_text(encoding="utf-8") for d in writers)]
    )


def test_every_file_names_its_licence() -> None:
    mark = "# SPDX-License-Identifier: GPL-3.0-or-later"
    found = [p for p in SOURCES if p.read_text() and not p.read_text().startswith(mark)]
    assert not relative(found)


def test_files_stay_about_one_thing() -> None:
    # A generator's heart and a take's format may run on a little.
    long = [p for p in SOURCES if len(p.read_text(encoding="utf-8").splitlines()) > 300]
    assert not relative(long)


def test_versions_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    manifest = tomllib.loads((ADDON / "blender_manifest.toml").read_text())["version"]
    import mien

    assert project == manifest == mien.__version__


def test_the_wheel_holds_every_model_that_the_package_looks_for() -> None:
    from mien.core import assets

    from build_addon import model_files

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    inside = settings["targets"]["wheel"]["force-include"]
    assert all(inside[path] == f"mien/{path}" for path in inside)
    names = [n for n in dir(assets) if n.endswith("_path") and n != "texture_path"]
    wanted = {getattr(assets, n)().relative_to(assets.models_folder()).as_posix() for n in names}
    textures = {f"head/textures/{p.name}" for p in (ROOT / "models/head/textures").iterdir()}
    networks = {f"regressor/{p.name}" for p in (ROOT / "models/regressor").glob("*.onnx")}
    assert wanted | textures | networks <= set(model_files())


def test_the_pinned_list_holds_what_the_project_asks_for() -> None:
    from build_addon import pinned

    pins = pinned((ROOT / "requirements.txt").read_text())
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    kept = {c.split("==")[0]: c for c in settings["tool"]["uv"]["constraint-dependencies"]}
    for asked in settings["project"]["dependencies"]:
        name, lowest = asked.split(">=")
        version, hashes = pins[name]
        assert hashes
        assert kept[name].startswith(f"{name}=={version} ;")
        assert [int(n) for n in version.split(".")] >= [int(n) for n in lowest.split(".")]


def test_no_file_holds_the_address_of_a_registry() -> None:
    own = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"].values()
    for path in (ROOT / "requirements.txt", ROOT / "pyproject.toml"):
        found = re.findall(r"https?://[^\s\"']+", path.read_text())
        assert set(found) <= set(own)
    assert not [url for url in own if re.search(r"pypi|/simple\b", url)]
    assert "uv.lock" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("name", ["LICENSE", "LICENSE.assets", "CHANGELOG.md", "CONTRIBUTING.md"])
def test_the_papers_are_there(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8")) > 400
