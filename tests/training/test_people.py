# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

import cv2
import numpy as np
import pytest
from mien.core.model.head import Head
from mien.core.model.params import CROP_SIZE, join, split

from training.generator.anatomy import study
from training.generator.environments import Environment, harmonics
from training.generator.generator import Generator
from training.generator.lighting import Surroundings
from training.generator.occluders import hide_mouth
from training.generator.people import Person, PersonSampler
from training.generator.people_assets import Part, PeopleAssets, load_people_assets
from training.generator.people_renderer import PeopleRenderer
from training.generator.picture_edge import cut_by_edge
from training.generator.sampling import Angles, Light, draw_roll
from training.generator.scene import Framing, Recipe, place
from training.head.makehuman import read_proxy
from training.labels.expression_projection import ExpressionProjector

SIZE = 240
FRONT = Light(np.ones(3, np.float32), np.zeros(3, np.float32), np.float32([0, 0, 1]), 0.0)


def sheet(head: Head, at: np.ndarray, half: float, grey: int, alpha: int = 255) -> Part:
    """An upright square that follows the crown, its middle at ``at`` (metres)."""
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32) * half + at
    crown = int(head.vertices[:, 1].argmax())
    index = np.full((4, 6), crown, np.int32)
    weight = np.tile(np.float32([1, 0, 0, 0, 0, 0]), (4, 1))
    texture = np.full((4, 4, 4), grey, np.uint8)
    texture[..., 3] = alpha
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    uv = np.full((2, 3, 2), 0.5, np.float32)
    return Part(corners.astype(np.float32), index, weight, triangles, uv, texture, 0.25)


def joined(near: Part, far: Part) -> Part:
    """Two sheets as one part, the nearer first; the texture's halves are theirs."""
    texture = np.concatenate([near.texture, far.texture])
    uv = np.concatenate([near.uv * [1, 0] + [0, 0.1], far.uv * [1, 0] + [0, 0.9]])
    return Part(
        np.concatenate([near.rest, far.rest]), np.concatenate([near.index, far.index]),
        np.concatenate([near.weight, far.weight]),
        np.concatenate([near.triangles, far.triangles + 4]), uv.astype(np.float32), texture, 0.25,
    )  # fmt: skip


@pytest.fixture(scope="module")
def assets(head: Head) -> PeopleAssets:
    skin = np.full((1024, 1024, 3), 30, np.uint8)
    part = sheet(head, np.float32([0, 0.3, 0]), 0.001, 128)
    room = Environment(np.full((64, 128, 3), 90, np.uint8), np.ones((24, 9, 3), np.float32) * 0.1)
    skins = {
        f"{a}_{t}_male": skin for a in ("young", "old") for t in ("lightskinned", "darkskinned")
    }
    eye = np.full((32, 32, 3), 200, np.uint8)
    zero = np.zeros(40, np.float32)
    return PeopleAssets(
        skins, {"brownlight": eye}, {"short01": part, "long01": part}, [part], [part], [part], [part],
        part, part, part, [room], zero, zero,
    )  # fmt: skip


@pytest.fixture(scope="module")
def renderer(head: Head, assets: PeopleAssets) -> PeopleRenderer:
    return PeopleRenderer(PersonSampler(assets, study(head)))


def bare(
    renderer: PeopleRenderer, hair: Part | None = None, skin: np.ndarray | None = None
) -> Person:
    person = renderer.sampler.draw(np.random.default_rng(0), "young")
    n = len(renderer.bend)
    person.hair, person.hat, person.clothes, person.brow, person.lash = hair, None, None, None, None
    person.tint, person.blotches = np.ones(3, np.float32), np.ones((n, 3), np.float32)
    person.paint, person.cover = np.zeros(n, np.float32), np.zeros(n, np.float32)
    person.hair_colour, person.gloss = np.full(3, 0.25, np.float32), 0.0
    if skin is not None:
        person.skin = skin
    return person


def recipe(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0, seed: int = 1) -> Recipe:
    rng = np.random.default_rng(seed)
    blendshapes = np.zeros(52, np.float32)
    identity = rng.normal(0, 0.8, 40).astype(np.float32)
    framing = Framing(1.0, np.zeros(2, np.float32))
    return Recipe(identity, blendshapes, (0.0, 0.0), Angles(yaw, pitch, roll), framing, FRONT, 3)


def light(
    lamp: float = 0.0, around: float = 1.0, toward: tuple[float, ...] = (0, 0, 1)
) -> Surroundings:
    coefficients = np.zeros((9, 3), np.float32)
    coefficients[0] = around / 0.282095
    unit = np.array(toward, np.float32) / np.float32(np.linalg.norm(toward))
    return Surroundings(coefficients, np.full(3, lamp, np.float32), unit, 0.0, None, 0)


def drawn(renderer: PeopleRenderer, person: Person, what: Recipe, lit: Surroundings) -> np.ndarray:
    background = np.zeros((SIZE, SIZE, 3), np.float32)
    return renderer.draw(person, what, place(renderer.anatomy, what), lit, background).picture


@pytest.mark.parametrize(("yaw", "pitch", "roll"), [(0, 0, 0), (25, 15, 170), (-30, -25, -80)])
@pytest.mark.parametrize("landmark", [30, 57, 54, 21])
def test_labels_lie_where_they_are_drawn(
    head: Head, renderer: PeopleRenderer, yaw: float, pitch: float, roll: float, landmark: int
) -> None:
    if (landmark == 54 and yaw < 0) or (landmark == 21 and yaw > 0):
        yaw = -yaw  # the dot has to face the camera
    quads, corners = head.quads, head.landmark_corners[landmark]
    face = next(
        k for k, q in enumerate(quads) if np.isin(corners, q).all() and head.materials[k] < 2
    )
    places = [head.uvs[face][list(quads[face]).index(c)] for c in corners]
    u, v = head.landmark_weights[landmark] @ np.array(places)
    skin = np.full((1024, 1024, 3), 30, np.uint8)
    cv2.circle(skin, (round(u * 1024), round((1 - v) * 1024)), 4, (255, 255, 255), -1)
    what = recipe(yaw, pitch, roll)
    picture = drawn(renderer, bare(renderer, skin=skin), what, light())
    placed = place(renderer.anatomy, what)
    params = join(
        placed.transform, *ExpressionProjector(head).coefficients(what.identity, what.blendshapes)
    )
    label = split(params)
    skin_there = head.landmark_weights[landmark] @ head.shape(*label[1:])[corners]
    mark = label[0][:, :3] @ skin_there + label[0][:, 3]
    scale = SIZE / CROP_SIZE
    at = np.array([mark[0] * scale + (SIZE - 1) / 2, (SIZE - 1) / 2 - mark[1] * scale])
    bright = picture.mean(axis=2)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    near = np.hypot(columns - at[0], rows - at[1]) < 14
    weight = np.where(near, np.clip(bright - 120, 0, None), 0)
    assert weight.sum() > 0
    found = np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()
    assert np.hypot(*(found - at)) < 2.5  # half of it in the crop


def test_the_nearer_of_two_sheets_lies_above_whatever_their_order(
    head: Head, renderer: PeopleRenderer
) -> None:
    near = sheet(head, np.float32([0, 0.0, 0.22]), 0.02, 40, 255)
    far = sheet(head, np.float32([0, 0.0, 0.18]), 0.02, 250, 255)
    what = recipe()
    centre = (slice(115, 125), slice(115, 125))
    for part in (joined(near, far), joined(far, near)):
        dark = drawn(renderer, bare(renderer, part), what, light())[centre]
        assert dark.mean() < 60
    glass = sheet(head, np.float32([0, 0.0, 0.22]), 0.02, 40, 60)
    through = drawn(renderer, bare(renderer, joined(glass, far)), what, light())[centre].mean()
    alone = drawn(renderer, bare(renderer, far), what, light())[centre].mean()
    assert 60 < through < alone - 20


def test_what_is_opaque_hides_sheets_behind_it(head: Head, renderer: PeopleRenderer) -> None:
    behind = sheet(head, np.float32([0, 0.0, -0.2]), 0.03, 250)
    with_it = drawn(renderer, bare(renderer, behind), recipe(), light())
    without = drawn(renderer, bare(renderer), recipe(), light())
    assert np.array_equal(with_it[115:125, 115:125], without[115:125, 115:125])


def test_what_stands_before_the_lamp_throws_a_shadow(head: Head, renderer: PeopleRenderer) -> None:
    skin = np.full((64, 64, 3), 200, np.uint8)
    lamp = light(1.0, 0.05, (0.8, 0.0, 0.6))
    hat = sheet(head, np.float32([0.12, 0.0, 0.14]), 0.03, 200)
    people = [bare(renderer, hair, skin) for hair in (None, hat)]
    for person in people:
        person.gloss = 0.5  # nothing shines in shadow
    lit, shaded = (drawn(renderer, person, recipe(), lamp) for person in people)
    cheek = (slice(65, 120), slice(168, 185))
    assert shaded[cheek].mean() < 0.7 * lit[cheek].mean()
    assert lit[:, 130:150].mean() > lit[:, 60:90].mean()  # the lamp's side is the bright one


def test_batches_hold_people_and_are_the_same_for_a_seed(head: Head, assets: PeopleAssets) -> None:
    one, two = (Generator(head, [], 4, assets).batch(16) for _ in range(2))
    assert all(np.array_equal(one[k], two[k]) for k in one)  # type: ignore[literal-required]
    frames = Generator(head, [], 5, assets).clip()
    assert len({f["crop"].tobytes() for f in frames}) == len(frames)


def test_harmonics_of_light_from_above_fall_on_what_looks_up() -> None:
    above = np.zeros(9, np.float32)
    above[:2] = 1.0
    up, down = harmonics(np.float32([[0, 1, 0], [0, -1, 0]])) @ above
    assert up > down


def test_some_heads_stand_on_their_crown() -> None:
    rng = np.random.default_rng(0)
    rolls = np.array([draw_roll(rng) for _ in range(4000)])
    assert 0.02 < (np.abs(rolls) > 90).mean() < 0.05
    assert (np.abs(rolls) < 30).mean() > 0.75


def test_hidden_mouths_and_cut_faces_change_the_picture_there() -> None:
    marks = np.full((68, 2), 60.0, np.float32)
    marks[48:68] = [60, 80]
    marks[8], marks[27] = [60, 100], [60, 40]
    marks[:17, 0] = np.linspace(30, 90, 17)
    for seed in range(20):
        picture = np.full((120, 120, 3), 128, np.float32)
        hide_mouth(np.random.default_rng(seed), picture, marks)
        assert (picture[60:110, 30:90] != 128).any()
        assert picture.min() >= 0
        assert picture.max() <= 255
        cut = np.full((120, 120, 3), 128, np.float32)
        cut[0, 0] = cut[-1, -1] = 127
        before = cut.copy()
        cut_by_edge(np.random.default_rng(seed), cut)
        assert (cut != before).any()


def test_a_proxy_follows_three_vertices_or_one(tmp_path: Path) -> None:
    (tmp_path / "x.mhclo").write_text(
        "name x\nx_scale 0 1 2.0\nverts 0\n2\n0 1 2 0.5 0.5 0 1 0 0\n1\n0\ndelete_verts\n0 - 3\n"
    )
    (tmp_path / "x.obj").write_text("vt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nf 1/1 2/2 3/3 4/4\n")
    proxy = read_proxy(tmp_path, "x")
    base = np.array([[0, 0, 0], [4, 0, 0], [0, 6, 0]], float)
    assert np.allclose(proxy.on(base), [[0, 6, 0], [4, 0, 0], [4, 0, 0], [0, 0, 0]])


def test_a_file_of_something_else_is_refused(head: Head, tmp_path: Path) -> None:
    path = tmp_path / "people.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(ValueError, match=r"training\.generator\.assets"):
        load_people_assets(path, head)
    np.savez(path, other=np.zeros(3))
    with pytest.raises(ValueError, match=r"training\.generator\.assets"):
        load_people_assets(path, head)
