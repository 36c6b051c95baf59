# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain colours in place of drawn ones while a scene is exported: no file format carries nodes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from bpy.types import Image, Material, Node, NodeSocket, Object

from .textures import PICTURE
from .typed import links_of, loose, present, tree_of


@contextmanager
def plain_shading(things: Iterable[Object], pictures: bool = True) -> Iterator[None]:
    """Inside, a base colour that nodes draw without any image is the material's viewport colour.

    Afterwards the nodes are linked as they were before.

    Args:
        things: whose materials are meant.
        pictures: whether the file holds pictures; otherwise those of Mien's own head are taken for
            drawn by nodes, too, or the exporter would write them into a folder beside the file.
    """
    cut: list[tuple[Material, NodeSocket, NodeSocket, Any]] = []
    emptied: list[tuple[Node, Image]] = []
    materials = {m for t in things for m in getattr(t.data, "materials", ()) if m is not None}
    try:
        for material in materials:
            for socket, plain in _sockets(material):
                if not socket.is_linked or _has_image(
                    present(links_of(socket)[0].from_node), pictures
                ):
                    continue
                link, before = links_of(socket)[0], loose(socket).default_value
                before = before if isinstance(before, float) else list(before)
                cut.append((material, present(link.from_socket), socket, before))
                tree_of(material).links.remove(link)
                loose(socket).default_value = plain
            if not pictures:  # the exporter of USD writes what nothing is linked to, too
                nodes = [n for n in getattr(material.node_tree, "nodes", ()) if _is_own(n)]
                emptied += [(node, loose(node).image) for node in nodes]
                for node in nodes:
                    loose(node).image = None
        yield
    finally:
        for node, image in emptied:
            loose(node).image = image
        for material, source, socket, before in cut:
            loose(socket).default_value = before
            tree_of(material).links.new(source, socket)


def _sockets(material: Material) -> list[tuple[NodeSocket, Any]]:
    """What draws a material's colour and what cuts it out, with what stands for each."""
    if material.node_tree is None:
        return []
    shaders = (n for n in tree_of(material).nodes if n.type == "BSDF_PRINCIPLED")
    shader = next(shaders, None)
    if shader is None:
        return []
    return [(shader.inputs["Base Color"], material.diffuse_color), (shader.inputs["Alpha"], 1.0)]


def _has_image(node: Node, own: bool) -> bool:
    """Whether a node draws with an image; ``own``: those of Mien's head count."""
    if not own and _is_own(node):
        return False
    if node.type in ("TEX_IMAGE", "GROUP"):  # what is in a group is not looked at
        return True
    return any(
        _has_image(present(link.from_node), own) for one in node.inputs for link in links_of(one)
    )


def _is_own(node: Node) -> bool:
    """Whether a node draws with a picture of Mien's head."""
    image = loose(node).image if node.type == "TEX_IMAGE" else None
    return image is not None and bool(image.packed_file) and image.name.startswith(PICTURE)
