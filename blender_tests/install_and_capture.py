# SPDX-License-Identifier: GPL-3.0-or-later
"""Run in a fresh Blender: install a zip, enable it, capture footage through it.

``python install_and_capture.py ZIP FOOTAGE BLEND`` with the bpy module, or
``blender -b --python install_and_capture.py -- ZIP FOOTAGE BLEND``. The environment variable
``BLENDER_USER_RESOURCES`` names the empty profile.
"""

import importlib
import sys

import bpy  # before addon_utils, which it makes importable

import addon_utils  # isort: skip


def main(archive: str, footage: str, blend: str) -> int:
    """Install, enable, capture; the exit code of the capture."""
    for repository in list(bpy.context.preferences.extensions.repos):
        repository.use_remote_url = False  # nothing is to be fetched
    bpy.ops.extensions.package_install_files(
        repo="user_default", filepath=archive, enable_on_install=True
    )
    name = "bl_ext.user_default.mien"
    loaded, enabled = addon_utils.check(name)
    print("enabled", loaded, enabled)
    if not enabled:
        return 3
    bpy.ops.wm.save_userpref()  # a window does so when it closes
    main_module = importlib.import_module(f"{name}.cli.__main__")
    code = main_module.main(["capture", footage, "--output", blend])
    core = importlib.import_module(f"{name}.core")
    print("ran from", core.__file__)
    print("network from", importlib.import_module("onnxruntime").__file__)
    return code


if __name__ == "__main__":
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    sys.exit(main(*words[:3]))
