# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain colours in place of drawn ones while a scene is exported: no file format carries nodes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from bpy.types import Material, Node, NodeSocket, Object


@contextmanager
def plain_shading(things: Iterable[Object]) -> Iterator[None]:
    """Inside, a base colour that nodes draw without any image is the material's viewport colour.

    So the irises of Mien's head have a colour in other programs. Afterwards the nodes are linked as
    they were before.

    Args:
        things: whose materials are meant.
    """
    cut: list[tuple[Material, NodeSocket, NodeSocket, list[float]]] = []
    materials = {m for t in things for m in getattr(t.data, "materials", ()) if m is not None}
    try:
        for material in materials:
            socket = _base_colour(material)
            if socket is None or not socket.is_linked or _has_image(socket.links[0].from_node):
                continue
            link = socket.links[0]
            cut.append((material, link.from_socket, socket, list(socket.default_value)))
            material.node_tree.links.remove(link)
            socket.default_value = material.diffuse_color
        yield
    finally:
        for material, source, socket, colour in cut:
            socket.default_value = colour
            material.node_tree.links.new(source, socket)


def _base_colour(material: Material) -> NodeSocket | None:
    if material.node_tree is None:
        return None
    shaders = (n for n in material.node_tree.nodes if n.type == "BSDF_PRINCIPLED")
    shader = next(shaders, None)
    return shader.inputs["Base Color"] if shader else None


def _has_image(node: Node) -> bool:
    if node.type in ("TEX_IMAGE", "GROUP"):  # what is in a group is not looked at
        return True
    return any(_has_image(link.from_node) for one in node.inputs for link in one.links)
