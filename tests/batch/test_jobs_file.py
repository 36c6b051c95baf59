# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs files: what they may say, and how one that cannot be meant is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mien.batch.jobs_file import find_job, read_jobs
from mien.core.errors import MienError

TOML = """
[defaults]
avatar = "hero.blend"
target = "Face"

[[job]]
footage = "clips/a.mp4"
output = "shots/a.blend"
export = ["shots/a.glb", "shots/a.csv"]
start = 1
end = 2.5

[[job]]
name = "second"
take = "b.npz"
output = "shots/b.blend"
avatar = "other.blend"
preview = "shots/b.png"
"""

CSV = """name,footage,take,output,avatar,target,export,start,end,preview
a,clips/a.mp4,,shots/a.blend,hero.blend,Face,shots/a.glb; shots/a.csv,1,2.5,
second,,b.npz,shots/b.blend,other.blend,Face,,,,shots/b.png

"""


def written(folder: Path, text: str, name: str = "jobs.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_toml_and_csv_say_the_same(tmp_path: Path) -> None:
    first = read_jobs(written(tmp_path, TOML))
    second = read_jobs(written(tmp_path, CSV, "jobs.csv"))
    assert [j.description() for j in first] == [j.description() for j in second]
    a, b = first
    assert a.name == "a"
    assert a.footage == tmp_path / "clips" / "a.mp4"
    assert a.take == tmp_path / "shots" / "a.take.npz"
    assert a.exports == (tmp_path / "shots" / "a.glb", tmp_path / "shots" / "a.csv")
    assert (a.start, a.end, a.fps) == (1, 2.5, None)
    assert (a.avatar, a.target) == (tmp_path / "hero.blend", "Face")
    assert b.avatar == tmp_path / "other.blend"
    assert b.footage is None
    assert b.inputs == (tmp_path / "b.npz", tmp_path / "other.blend")
    assert b.outputs == (tmp_path / "shots" / "b.blend", tmp_path / "shots" / "b.png")


def test_a_description_does_not_say_where_the_project_lies(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "y").mkdir()
    first, second = (read_jobs(written(tmp_path / d, TOML))[0] for d in "xy")
    assert first.footage != second.footage
    assert first.description() == second.description()


def test_a_job_is_found_by_its_name(tmp_path: Path) -> None:
    path = written(tmp_path, TOML)
    assert find_job(path, "second").take == tmp_path / "b.npz"
    with pytest.raises(MienError, match="no job named third"):
        find_job(path, "third")


def test_a_name_comes_from_the_output(tmp_path: Path) -> None:
    text = '[[job]]\nfootage = "a.mp4"\noutput = "Shot 10 b.blend"\n'
    assert read_jobs(written(tmp_path, text))[0].name == "Shot_10_b"


ONE = '[[job]]\nfootage = "a.mp4"\noutput = "a.blend"\n'
BAD = {
    "holds no jobs": "",
    "is not TOML": "[[job]\n",
    "'jobs', which means nothing": "jobs = 3\n",
    "as [[job]]": "job = 3\n",
    "must hold its jobs": 'job = ["a"]\n',
    "job 1: 'colour' is not known": ONE + "colour = 3\n",
    "job 1: start is 'now'; give a number": ONE + 'start = "now"\n',
    "job 1: export is 'a.glb'; give a list": ONE + 'export = "a.glb"\n',
    "must end in .csv": ONE + 'export = ["a.abc"]\n',
    "job 1: target is 3": ONE + "target = 3\n",
    "avatar and target belong together": ONE + 'target = "Face"\n',
    "job 1 does not say where": '[[job]]\nfootage = "a.mp4"\n',
    "job 1 has neither footage": '[[job]]\noutput = "a.blend"\n',
    "must end in .blend": '[[job]]\nfootage = "a.mp4"\noutput = "a.txt"\n',
    "job ../x: the name": ONE + 'name = "../x"\n',
    "job a b: the name": ONE + 'name = "a b"\n',
    "two jobs named a": ONE + ONE,
    "both write": ONE + ONE.replace("[[job]]", '[[job]]\nname = "b"'),
    "would write over": ONE
    + 'take = "t.npz"\n[[job]]\nname = "b"\ntake = "t.npz"\noutput = "b.blend"\n',
}


@pytest.mark.parametrize("said", BAD)
def test_a_file_that_cannot_be_meant_is_refused_in_one_sentence(said: str, tmp_path: Path) -> None:
    path = written(tmp_path, BAD[said])
    with pytest.raises(MienError) as caught:
        read_jobs(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,footage,output\na,a.mp4\n", "line 2"),
        ("footage,output\na.mp4,a.blend,more\n", "line 2"),
        ("footage,output,start\na.mp4,a.blend,soon\n", "job 1: start is 'soon'"),
        ("footage,output,export\na.mp4,a.blend,a.glb;\n", "export"),
        ("", "holds no jobs"),
    ],
)
def test_a_bad_row_is_named(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(MienError, match=said):
        read_jobs(written(tmp_path, text, "jobs.csv"))


def test_refining_skin_and_hair_can_be_chosen(tmp_path: Path) -> None:
    text = """
[defaults]
refine = false
[[job]]
footage = "a.mp4"
output = "a.blend"
hair = "combed"
[[job]]
footage = "b.mp4"
output = "b.blend"
refine = true
texture = false
"""
    table = """footage,output,hair,refine,texture
a.mp4,a.blend,combed,no,
b.mp4,b.blend,,Yes,false
"""
    for jobs in (
        read_jobs(written(tmp_path, text)),
        read_jobs(written(tmp_path, table, "jobs.csv")),
    ):
        assert [(j.refine, j.texture, j.style) for j in jobs] == [
            (False, None, "combed"),
            (True, False, "short"),
        ]


def test_the_skin_of_every_frame_is_an_output_of_footage(tmp_path: Path) -> None:
    text = """
[defaults]
texture_sequence = true
[[job]]
footage = "a.mp4"
output = "a.blend"
[[job]]
footage = "b.mp4"
output = "b.blend"
texture_sequence = false
[[job]]
footage = "c.mp4"
output = "c.blend"
avatar = "hero.blend"
target = "Hero"
[[job]]
take = "a_take.npz"
output = "d.blend"
"""
    jobs = read_jobs(written(tmp_path, text))
    assert [j.paints_skin for j in jobs] == [True, False, False, False]
    made = [[p.name for p in j.outputs if p.suffix == ".skin"] for j in jobs]
    assert made == [["a.skin"], [], [], []]
    twice = text + '[[job]]\nfootage = "e.mp4"\noutput = "e.blend"\ntake = "a.npz"\n'
    with pytest.raises(MienError, match=r"both write .*a\.skin"):
        read_jobs(written(tmp_path, twice))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("texture = false\ntexture_sequence = true", "leave texture = false out"),
        ('hair = "mohawk"', "hair 'mohawk' is not known; give none, short, combed"),
        ('refine = "perhaps"', "refine is 'perhaps'; give true or false"),
        ("texture = 1", "texture is 1; give true or false"),
    ],
)
def test_a_choice_that_there_is_not_is_named(tmp_path: Path, line: str, said: str) -> None:
    text = f'[[job]]\nfootage = "a.mp4"\noutput = "a.blend"\n{line}\n'
    with pytest.raises(MienError, match=said):
        read_jobs(written(tmp_path, text))


def test_what_is_no_jobs_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "latin.csv").write_bytes(b"footage,output\n\xe9.mp4,a.blend\n")
    for name, said in (
        ("gone.toml", "does not exist"),
        ("jobs.txt", "ends in .toml or .csv"),
        ("folder.csv", "cannot be read"),
        ("latin.csv", "UTF-8"),
    ):
        with pytest.raises(MienError, match=said):
            read_jobs(tmp_path / name)


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from([".toml", ".csv"]))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("any") / f"jobs{suffix}"
    path.write_bytes(data)
    with pytest.raises(MienError):
        read_jobs(path)


def test_what_is_said_for_all_jobs_goes_before_defaults_and_after_a_jobs_own_words(
    tmp_path: Path,
) -> None:
    text = """
        [defaults]
        smoothing = 0.1
        hair = "combed"
        [[job]]
        name = "own"
        footage = "a.mp4"
        output = "a.blend"
        smoothing = 0.7
        [[job]]
        name = "plain"
        footage = "b.mp4"
        output = "b.blend"
    """
    shared = {"smoothing": 0.4, "gains": ["jaw=1.2", "brows=2"], "head_motion": False}
    path = written(tmp_path, text)
    own, plain = read_jobs(path, shared)
    assert (own.smoothing, plain.smoothing) == (0.7, 0.4)
    assert own.hair == plain.hair == "combed"
    assert plain.gains == ("jaw=1.2", "brows=2")
    assert plain.head_motion is False
    assert plain.shared == (
        "--smoothing=0.4",
        "--gain=jaw=1.2",
        "--gain=brows=2",
        "--no-head-motion",
    )
    alone = written(
        tmp_path, text.replace("smoothing = 0.1", 'smoothing = 0.4\ngains = ["jaw=1.2", "brows=2"]')
    )
    assert replace(read_jobs(alone)[1], head_motion=False).description() == plain.description()


def test_a_bad_word_for_all_jobs_is_one_sentence(tmp_path: Path) -> None:
    path = written(tmp_path, TOML)
    with pytest.raises(MienError, match="smoothing"):
        read_jobs(path, {"smoothing": 7.0})
