# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be chosen in the panels, in the words that the window shows."""

from ...core.modes import Faces, Hair, KeySet, NeutralFace, Timing

MATCH = "Take frame rate, size and range from the footage and look through its camera"
TEXTURE = "Lay the actor's own skin on the head, baked from the footage"
SEQUENCE = "Let that skin change with every frame: folds, brows and lips as the footage shows them"
HAIR = "Hair of the head, in the colour that the footage shows"
REFINE = "Let the skin's motion in the picture correct the capture: smiles, brows, what differs from side to side"
ACTING = "Which shape keys move the face; both sets are keyed, and the other is muted"
FACES = (
    (Faces.LARGEST, "Largest", "Follow the largest face"),
    (Faces.AT, "Picked", "Follow the face at the place that was picked on the picture"),
    (Faces.ALL, "All", "Capture every face, one head each"),
)
HAIR_STYLES = (
    (Hair.SHORT, "Short", "Cropped hair"),
    (Hair.COMBED, "Combed Back", "Longer hair, combed back from the forehead"),
    (Hair.NONE, "None", "No hair but what the actor's skin shows"),
)
NEUTRAL = (
    (NeutralFace.AUTO, "Automatic", "Find by itself what the face is like when it does nothing"),
    (NeutralFace.RANGE, "Range", "Take the face in a part of the footage for the face at rest"),
    (NeutralFace.OFF, "Off", "Take nothing off: the face is as the network says"),
)
TIMING = (
    (
        Timing.TIMES.name,
        "True Times",
        "Key each frame at its own time, between scene frames if the rates differ",
    ),
    (Timing.WHOLE.name, "Whole Frames", "Sample the motion on whole frames of the scene"),
    (
        Timing.ONE_BY_ONE.name,
        "Frame by Frame",
        "Give each frame of the footage one frame, whatever the rates",
    ),
)

KEY_SETS = (
    (KeySet.BLENDSHAPES, "Blendshapes", "The 52 units with ARKit's names move the face"),
    (KeySet.COMPONENTS, "Components", "The ten expression components of the model move the face"),
)
