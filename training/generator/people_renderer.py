# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws a made-up person: textured and lit skin, eyes, teeth, clothes, and sheets of hair."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from mien.core.model.head import MATERIALS, cut_quads
from mien.core.model.params import CROP_SIZE
from numpy.typing import NDArray

from ..geometry.raster import rasterise
from ..head.portrait import rotation
from .card_kernels import draw_cards
from .kernels import vertex_normals
from .lighting import Lamp, Surroundings
from .people import Person, PersonSampler
from .people_textures import IRIS_RADIUS
from .people_assets import NOTHING, Part
from .render import Canvas, eye_centres, to_pixels
from .scene import Placed, Recipe
from .shadow_kernels import cast, lit_by_lamp
from .textured_kernels import shade_eyeballs, shade_surface
from .vertex_kernels import bend, follow, transform_points

F = NDArray[np.float32]
I32 = NDArray[np.int32]
Rng = np.random.Generator

NECK_TOP, NECK_LENGTH = -0.088, 0.05
"""The neck bends below so high, over such a length (metres in the model)."""
PIVOT = np.array([0, -0.1, -0.02], np.float32)
"""About which the body turns under the head: the top of the neck, metres in the model."""
MOUTH_FADE = 0.011
"""Light within the mouth falls by e over so many metres behind the lips."""
LID_SHADE = 0.55
"""How much darker an eye is under its upper lid (chosen by eye)."""
GLINT = 0.9965
"""Cosine of the radius of the lamp's reflection on an eye: 4.8 degrees."""
HIGHLIGHT, HALO = 6.0, 1.6
"""Brightest texels of hair over its mean, and of brows and lashes, whose edges have halos."""
HAIR_CLEARANCE = 0.008
"""Hair so near (metres) behind what the lamp sees is lit: sheets do not darken each other."""
OPEN_MOUTH = 0.0012
"""Lips further apart than this (metres) show teeth."""
INNER_LIPS = ((61, 67), (62, 66), (63, 65))
"""Landmarks of the lips' inner edges that lie over each other."""


@dataclass
class _Surface:
    """A mesh on its way to the canvas: model space, camera axes, light."""

    points: F
    turned: F
    normals: F
    triangles: I32


class PeopleRenderer:
    """What is the same for all people: the head's faces with their texture coordinates."""

    def __init__(self, sampler: PersonSampler) -> None:
        self.sampler, self.anatomy = sampler, sampler.anatomy
        head = self.anatomy.head
        material = np.repeat(head.materials, 2)
        outside = ~np.isin(material, [MATERIALS.index(n) for n in ("teeth", "tongue")])
        uv = (head.uvs * np.array([1, -1], np.float32) + np.array([0, 1], np.float32)).astype(
            np.float32
        )
        corners = cut_quads(uv)
        self.triangles = np.ascontiguousarray(self.anatomy.triangles[outside])
        self.uv = np.ascontiguousarray(corners[outside])
        self.eye_side = np.ascontiguousarray(self.anatomy.eye_side[outside])
        self.skin = self.eye_side < 0
        self.bend = _bend(head.vertices)

    def draw(
        self, person: Person, recipe: Recipe, placed: Placed, light: Surroundings, background: F,
        wear: Callable[[Canvas], None] | None = None,
    ) -> Canvas:  # fmt: skip
        """The person under the recipe's pose and face.

        Args:
            person: how they look.
            recipe, placed: with what face, and where.
            light: on them.
            background: ``(size, size, 3)`` far behind; the canvas is as large.
            wear: puts something on the face before hair hangs over it.
        """
        rng = np.random.default_rng(recipe.seed)
        canvas = Canvas.over(background)
        moved = placed.shape - self.anatomy.head.vertices
        body = _body_turn(rng, recipe, placed)
        points = placed.shape.copy()
        bend(points, self.bend, body, PIVOT)
        head = _surface(points, self.triangles, placed)
        lamp = Lamp(light.toward)
        at = lamp.places(head.turned)
        cast(at, self.triangles, self.uv, NOTHING, lamp.nearest, False)
        hair = self._part(person.hair, moved, body, placed)
        if person.hair and hair:
            cast(
                lamp.places(hair.turned), hair.triangles, person.hair.uv, person.hair.texture,
                lamp.nearest, True,
            )  # fmt: skip
        hat = self._part(person.hat, moved, body, placed)
        if person.hat and hat:
            cast(lamp.places(hat.turned), hat.triangles, person.hat.uv, NOTHING, lamp.nearest, True)
        self._head(canvas, person, recipe, placed, light, lamp, head)
        self._mouth(canvas, person, moved, body, placed, light, lamp)
        tint = np.tile(person.tint, (1, 1))
        shoulders = self._part(self.sampler.assets.shoulders, moved, body, placed)
        self._opaque(canvas, shoulders, placed, light, lamp, self.sampler.assets.shoulders.uv,
                     person.skin, tint, 0.0)  # fmt: skip
        clothes = self._part(person.clothes, moved, body, placed)
        if person.clothes and clothes:
            clothes.points += np.float32(0.003) * (clothes.normals @ placed.turn)
            self._opaque(canvas, clothes, placed, light, lamp, person.clothes.uv,
                         person.clothes.texture, person.cloth_tint[None], 0.0)  # fmt: skip
        if person.hat and hat:
            self._opaque(canvas, hat, placed, light, lamp, person.hat.uv, person.cloth,
                         np.ones((1, 3), np.float32), 0.0)  # fmt: skip
        pixels = float(np.linalg.norm(placed.transform[0, :3])) * len(canvas.picture) / CROP_SIZE
        for part, colour, thick, lift, near in (
            (person.brow, person.brow_colour, person.brow_thick, person.brow_lift, 0.0022),
            (person.lash, person.lash_colour, 0.9, 0.0, 0.002),
        ):
            surface = self._part(part, moved, body, placed)
            if part and surface:
                surface.points[:, 1] += np.float32(lift)
                self._cards(
                    canvas, surface, part, colour, thick, near * pixels, HALO, placed, light, lamp
                )
        if wear:
            wear(canvas)
        if person.hair and hair:
            self._cards(canvas, hair, person.hair, person.hair_colour, 1.5, 0.004 * pixels,
                        HIGHLIGHT, placed, light, lamp)  # fmt: skip
        return canvas

    def _part(self, part: Part | None, moved: F, body: F, placed: Placed) -> _Surface | None:
        if part is None:
            return None
        points = follow(part.rest, part.index, part.weight, moved)
        bend(points, _bend(part.rest), body, PIVOT)
        return _surface(points, part.triangles, placed)

    def _head(
        self, canvas: Canvas, person: Person, recipe: Recipe, placed: Placed, light: Surroundings,
        lamp: Lamp, head: _Surface,
    ) -> None:  # fmt: skip
        anatomy = self.anatomy
        open_ = self.sampler.openness[:, None]
        around, direct = light.on(head.normals)
        ambient = around * (np.float32(0.25) + np.float32(0.75) * open_)
        at = lamp.receivers(head.turned, head.normals)
        tint = person.blotches * person.tint
        behind = self._lips(placed.shape)[:, 2].mean() - 0.002 - placed.shape[:, 2]
        fade = np.exp(-np.clip(behind, 0, None) / MOUTH_FADE)
        tint[anatomy.inside] *= fade[anatomy.inside, None]
        gloss = np.full(len(tint), person.gloss, np.float32)
        gloss[anatomy.lips] *= 2.0
        halfway = light.toward + np.array([0, 0, 1], np.float32)
        halfway = (halfway / (np.linalg.norm(halfway) + 1e-6)).astype(np.float32)
        lifted = head.points + (person.lift * person.cover[:, None]) * (head.normals @ placed.turn)
        points = to_pixels(lifted.astype(np.float32), placed.transform, len(canvas.picture))
        rasterise(points, self.triangles, canvas.depth, canvas.seen, canvas.weights)
        shade_surface(
            canvas.picture, canvas.seen, canvas.weights, self.triangles, self.uv, person.skin,
            tint.astype(np.float32), person.paint, person.hair_colour,
            person.cover, person.cloth, ambient, direct, light.lamp,
            at, lamp.nearest, head.normals, halfway, gloss,
        )  # fmt: skip
        left, up = recipe.gaze
        ahead = np.array([np.sin(left) * np.cos(up), np.sin(up), np.cos(left) * np.cos(up)])
        right = np.cross([0, 1, 0], ahead)
        right /= np.linalg.norm(right)
        axes = np.stack([right, np.cross(ahead, right), ahead]).astype(np.float32)
        lit = direct * lit_by_lamp(lamp.nearest, at)
        glint = (halfway @ placed.turn).astype(np.float32)
        shade_eyeballs(
            canvas.picture, canvas.seen, canvas.weights, self.triangles, self.eye_side,
            placed.shape, eye_centres(anatomy, placed.shape), axes, person.iris,
            IRIS_RADIUS / person.iris_angle,
            (around * 0.8 + lit[:, None] * light.lamp).astype(np.float32),
            LID_SHADE, glint, GLINT,
        )  # fmt: skip

    def _lips(self, shape: F) -> F:
        head = self.anatomy.head
        corners, weights = head.landmark_corners[48:], head.landmark_weights[48:]
        return np.asarray(np.einsum("kc,kcx->kx", weights, shape[corners]), np.float32)

    def _mouth(
        self, canvas: Canvas, person: Person, moved: F, body: F, placed: Placed,
        light: Surroundings, lamp: Lamp,
    ) -> None:  # fmt: skip
        lips = self._lips(placed.shape)
        gaps = [np.linalg.norm(lips[a - 48] - lips[b - 48]) for a, b in INNER_LIPS]
        if max(gaps) < OPEN_MOUTH:
            return
        front = lips[:, 2].mean() - 0.004
        assets = self.sampler.assets
        for part, bright in ((assets.teeth, person.teeth), (assets.tongue, 0.8)):
            surface = self._part(part, moved, body, placed)
            if surface is None:
                continue
            fade = np.exp(-np.clip(front - surface.points[:, 2], 0, None) / MOUTH_FADE)
            tint = (np.float32(bright) * fade[:, None] * np.ones(3)).astype(np.float32)
            self._opaque(canvas, surface, placed, light, lamp, part.uv, part.texture, tint, 0.03)

    def _opaque(
        self, canvas: Canvas, surface: _Surface | None, placed: Placed, light: Surroundings,
        lamp: Lamp, uv: F, texture: NDArray[np.uint8], tint: F, gloss: float,
    ) -> None:  # fmt: skip
        if surface is None:
            return
        n = len(surface.points)
        canvas.seen[:] = -1
        points = to_pixels(surface.points, placed.transform, len(canvas.picture))
        rasterise(points, surface.triangles, canvas.depth, canvas.seen, canvas.weights)
        halfway = np.array([0, 0.3, 0.95], np.float32)
        ambient, direct = light.on(surface.normals)
        shade_surface(
            canvas.picture, canvas.seen, canvas.weights, surface.triangles, uv, texture,
            np.ascontiguousarray(np.broadcast_to(tint, (n, 3)), np.float32),
            np.zeros(n, np.float32), np.zeros(3, np.float32), np.zeros(n, np.float32), texture,
            ambient, direct, light.lamp,
            lamp.receivers(surface.turned, surface.normals), lamp.nearest, surface.normals,
            halfway, np.full(n, gloss, np.float32),
        )  # fmt: skip

    def _cards(
        self, canvas: Canvas, surface: _Surface, part: Part, colour: F, thick: float, near: float,
        brightest: float, placed: Placed, light: Surroundings, lamp: Lamp,
    ) -> None:  # fmt: skip
        # Hair is lit as the head is round, not as each sheet of it lies.
        outward = surface.turned
        normals = outward / (np.linalg.norm(outward, axis=1, keepdims=True) + np.float32(1e-9))
        ambient, direct = light.on(normals)
        direct *= lit_by_lamp(lamp.nearest, lamp.receivers(surface.turned, normals, HAIR_CLEARANCE))
        shine = ambient + direct[:, None] * light.lamp
        points = to_pixels(surface.points, placed.transform, len(canvas.picture))
        order = np.argsort(points[surface.triangles, 2].sum(axis=1))
        draw_cards(
            canvas.picture, canvas.depth, points, surface.triangles, order, part.uv, part.texture,
            colour, part.mean, shine, thick, near, brightest,
        )  # fmt: skip


def _surface(points: F, triangles: I32, placed: Placed) -> _Surface:
    turned = np.empty_like(points)
    transform_points(points, np.column_stack([placed.turn, np.zeros(3, np.float32)]), turned)
    return _Surface(points, turned, vertex_normals(turned, triangles), triangles)


def _bend(rest: F) -> F:
    """How far each vertex ``(n, 3)`` belongs to the body rather than to the head, 0 to 1."""
    share = np.clip((NECK_TOP - rest[:, 1]) / NECK_LENGTH, 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _body_turn(rng: Rng, recipe: Recipe, placed: Placed) -> F:
    """Rotation ``(3, 3)`` in the model of the body under the head."""
    angles = recipe.angles
    yaw = np.clip(angles.yaw * rng.uniform(0.2, 1.0), angles.yaw - 55, angles.yaw + 55)
    pitch = np.clip(angles.pitch * rng.uniform(0, 0.7), angles.pitch - 30, angles.pitch + 30)
    roll = angles.roll + rng.normal(0, 7)
    turn = rotation(*(np.radians(a) for a in (yaw, pitch, roll)))
    return np.asarray(placed.turn.T @ turn, np.float32)
