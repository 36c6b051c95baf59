# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws a made-up person: textured and lit skin, eyes, teeth, clothes, and sheets of hair."""

from collections.abc import Callable

import numpy as np
from mien.core.model.head import MATERIALS, cut_quads
from mien.core.model.params import CROP_SIZE
from numpy.typing import NDArray

from ..geometry.raster import rasterise
from .lighting import Lamp, Surroundings
from .people import Person, PersonSampler
from .people_assets import NOTHING
from .people_layers import draw_opaque, draw_sheets
from .people_meshes import PIVOT, Surface, body_share, draw_body_turn, part_of, surface_of
from .people_textures import IRIS_RADIUS
from .render import Canvas, eye_centres, to_pixels
from .scene import Placed, Recipe
from .shadow_kernels import cast, lit_by_lamp
from .textured_kernels import shade_eyeballs, shade_surface
from .vertex_kernels import bend

F = NDArray[np.float32]
Rng = np.random.Generator

MOUTH_FADE = 0.011
"""Light within the mouth falls by e over so many metres behind the lips."""
LID_SHADE = 0.55
"""How much darker an eye is under its upper lid (chosen by eye)."""
GLINT = 0.9965
"""Cosine of the radius of the lamp's reflection on an eye: 4.8 degrees."""
HIGHLIGHT, HALO = 6.0, 1.6
"""Brightest texels of hair over its mean, and of brows and lashes, whose edges have halos."""
OPEN_MOUTH = 0.0012
"""Lips further apart than this (metres) show teeth."""
CLOTHES_LIFT = 0.003
"""Metres by which clothes are drawn off the body that they follow, so that no skin shows through."""
BROWS_NEAR, LASHES_NEAR, HAIR_NEAR = 0.0022, 0.002, 0.004
"""Metres within which sheets behind the skin are still seen: they follow it roughly."""
LASH_THICK, HAIR_THICK = 0.9, 1.5
"""Factors on the alpha of lashes and hair (chosen by eye)."""
LEAST_AROUND = 0.25
"""Share of the light from everywhere that reaches folds which see nothing of the surroundings (chosen by eye)."""
LIPS_GLOSS, WET_GLOSS = 2.0, 0.03
"""Gloss of lips over the skin's, and of teeth and tongue (chosen by eye)."""
EYES_AROUND = 0.8
"""Share of the light from everywhere on eyes, which lie in their sockets (chosen by eye)."""
INSIDE_FROM, TEETH_FROM = 0.002, 0.004
"""Metres behind the lips from which on the mouth's inside darkens, and its teeth."""
TONGUE_LIGHT = 0.8
"""Brightness of a tongue over its texture (chosen by eye)."""
INNER_LIPS = ((61, 67), (62, 66), (63, 65))
"""Landmarks of the lips' inner edges that lie over each other."""


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
        self.bend = body_share(head.vertices)

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
        body = draw_body_turn(rng, recipe, placed)
        points = placed.shape.copy()
        bend(points, self.bend, body, PIVOT)
        head = surface_of(points, self.triangles, placed)
        lamp = Lamp(light.toward)
        at = lamp.places(head.turned)
        cast(at, self.triangles, self.uv, NOTHING, lamp.nearest, False)
        hair = part_of(person.hair, moved, body, placed)
        if person.hair and hair:
            cast(
                lamp.places(hair.turned), hair.triangles, person.hair.uv, person.hair.texture,
                lamp.nearest, True,
            )  # fmt: skip
        hat = part_of(person.hat, moved, body, placed)
        if person.hat and hat:
            cast(lamp.places(hat.turned), hat.triangles, person.hat.uv, NOTHING, lamp.nearest, True)
        self._head(canvas, person, recipe, placed, light, lamp, head)
        self._mouth(canvas, person, moved, body, placed, light, lamp)
        tint = np.tile(person.tint, (1, 1))
        shoulders = part_of(self.sampler.assets.shoulders, moved, body, placed)
        draw_opaque(canvas, shoulders, placed, light, lamp, self.sampler.assets.shoulders.uv,
                     person.skin, tint, 0.0)  # fmt: skip
        clothes = part_of(person.clothes, moved, body, placed)
        if person.clothes and clothes:
            clothes.points += np.float32(CLOTHES_LIFT) * (clothes.normals @ placed.turn)
            draw_opaque(canvas, clothes, placed, light, lamp, person.clothes.uv,
                         person.clothes.texture, person.cloth_tint[None], 0.0)  # fmt: skip
        if person.hat and hat:
            draw_opaque(canvas, hat, placed, light, lamp, person.hat.uv, person.cloth,
                         np.ones((1, 3), np.float32), 0.0)  # fmt: skip
        pixels = float(np.linalg.norm(placed.transform[0, :3])) * len(canvas.picture) / CROP_SIZE
        for part, colour, thick, lift, near in (
            (person.brow, person.brow_colour, person.brow_thick, person.brow_lift, BROWS_NEAR),
            (person.lash, person.lash_colour, LASH_THICK, 0.0, LASHES_NEAR),
        ):
            surface = part_of(part, moved, body, placed)
            if part and surface:
                surface.points[:, 1] += np.float32(lift)
                draw_sheets(
                    canvas, surface, part, colour, thick, near * pixels, HALO, placed, light, lamp
                )
        if wear:
            wear(canvas)
        if person.hair and hair:
            draw_sheets(canvas, hair, person.hair, person.hair_colour, HAIR_THICK, HAIR_NEAR * pixels,
                        HIGHLIGHT, placed, light, lamp)  # fmt: skip
        return canvas

    def _head(
        self, canvas: Canvas, person: Person, recipe: Recipe, placed: Placed, light: Surroundings,
        lamp: Lamp, head: Surface,
    ) -> None:  # fmt: skip
        anatomy = self.anatomy
        open_ = self.sampler.openness[:, None]
        around, direct = light.on(head.normals)
        ambient = around * (np.float32(LEAST_AROUND) + np.float32(1 - LEAST_AROUND) * open_)
        at = lamp.receivers(head.turned, head.normals)
        tint = person.blotches * person.tint
        behind = self._lips(placed.shape)[:, 2].mean() - INSIDE_FROM - placed.shape[:, 2]
        fade = np.exp(-np.clip(behind, 0, None) / MOUTH_FADE)
        tint[anatomy.inside] *= fade[anatomy.inside, None]
        gloss = np.full(len(tint), person.gloss, np.float32)
        gloss[anatomy.lips] *= LIPS_GLOSS
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
            (around * EYES_AROUND + lit[:, None] * light.lamp).astype(np.float32),
            LID_SHADE, glint, GLINT,
        )  # fmt: skip

    def _lips(self, shape: F) -> F:
        lips = self.anatomy.head.landmark_places.some(slice(48, None))
        return np.asarray(lips.on(shape), np.float32)

    def _mouth(
        self, canvas: Canvas, person: Person, moved: F, body: F, placed: Placed,
        light: Surroundings, lamp: Lamp,
    ) -> None:  # fmt: skip
        lips = self._lips(placed.shape)
        gaps = [np.linalg.norm(lips[a - 48] - lips[b - 48]) for a, b in INNER_LIPS]
        if max(gaps) < OPEN_MOUTH:
            return
        front = lips[:, 2].mean() - TEETH_FROM
        assets = self.sampler.assets
        for part, bright in ((assets.teeth, person.teeth), (assets.tongue, TONGUE_LIGHT)):
            surface = part_of(part, moved, body, placed)
            if surface is None:
                continue
            fade = np.exp(-np.clip(front - surface.points[:, 2], 0, None) / MOUTH_FADE)
            tint = (np.float32(bright) * fade[:, None] * np.ones(3)).astype(np.float32)
            draw_opaque(
                canvas, surface, placed, light, lamp, part.uv, part.texture, tint, WET_GLOSS
            )
