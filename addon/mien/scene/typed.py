# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender's types leave open, narrowed: the scene at hand, an object's data of the kind that is meant.

To Blender `context.scene` may be none and `Object.data` one of a dozen kinds. Who asks here means
one of them and is told at once if it is another.
"""

from __future__ import annotations  # bpy is imported where it is used: commands ask for it kindly

from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpy.types import (
        ID,
        AnimData,
        Armature,
        Camera,
        Context,
        Key,
        Material,
        Mesh,
        NodeLink,
        NodeSocket,
        NodeTree,
        Object,
        Pose,
        Scene,
        ViewLayer,
        World,
    )
    from numpy.typing import NDArray

T = TypeVar("T")


def present(value: T | None) -> T:
    """A value that Blender might lack and here has; raises RuntimeError if it lacks it."""
    if value is None:
        raise RuntimeError("Blender has nothing here")
    return value


def scene_of(context: Context) -> Scene:
    """The scene at hand."""
    return present(context.scene)


def layer_of(context: Context) -> ViewLayer:
    """The view layer at hand."""
    return present(context.view_layer)


def mesh_data(thing: Object) -> Mesh:
    """The mesh of an object; raises TypeError if it has another kind of data."""
    from bpy.types import Mesh

    return _data(thing, Mesh)


def armature_data(rig: Object) -> Armature:
    """The armature of a rig; raises TypeError if it has another kind of data."""
    from bpy.types import Armature

    return _data(rig, Armature)


def camera_data(camera: Object) -> Camera:
    """The lens of a camera; raises TypeError if it has another kind of data."""
    from bpy.types import Camera

    return _data(camera, Camera)


def pose_of(rig: Object) -> Pose:
    """The pose of a rig."""
    return present(rig.pose)


def has_keys(thing: Object) -> bool:
    """Whether an object is a mesh with shape keys."""
    return thing.type == "MESH" and mesh_data(thing).shape_keys is not None


def keys_of(thing: Object) -> Key:
    """The shape keys of a mesh that has some."""
    return present(mesh_data(thing).shape_keys)


def tree_of(owner: Material | World) -> NodeTree:
    """The nodes of a material or a world."""
    return present(owner.node_tree)


def animation_of(block: ID) -> AnimData | None:
    """What animates a data-block; None if nothing does, or nothing could."""
    found: AnimData | None = getattr(block, "animation_data", None)
    return found


def links_of(socket: NodeSocket) -> list[NodeLink]:
    """What is linked to a socket."""
    return list(present(socket.links))


def loose(thing: object) -> Any:
    """A node, socket, modifier, lamp or operator, whose own properties its kind's type would have to name."""
    return cast(Any, thing)


def as_floats(values: NDArray[Any]) -> Sequence[float]:
    """An array in the place of a vector or a quaternion, which Blender takes as it is."""
    return cast("Sequence[float]", values)


def _data(thing: Object, kind: type[T]) -> T:
    if not isinstance(thing.data, kind):
        raise TypeError(f"{thing.name} has no {kind.__name__}")
    return thing.data
