# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in their spellings: ``eyeBlinkLeft``, ``eyeBlink_L``, ``EyeBlinkLeft``, ``eye_blink_left``."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher

SIDES = {"l": "left", "r": "right", "left": "left", "right": "right"}
"""Words and letters that name a side."""
_JAPANESE = {"左": " left ", "右": " right "}
"""Sides that are written without a gap before or after what they belong to."""
OPPOSED = (
    "left", "right", "up", "down", "in", "out", "inner", "outer", "upper", "lower", "open", "close",
    "closed", "top", "bottom", "wide", "narrow", "t", "b",
)  # fmt: skip
"""Words that turn a name into another one; a fuzzy match never crosses them."""
PREFIXES = frozenset(
    {
        "arkit", "head", "face", "blendshape", "blendshapes", "key", "shape", "morph", "expression",
        "exp", "ex", "bs", "body", "mesh", "target", "facs", "def", "mixamorig", "genesis", "a", "bip",
        "biped", "valve",
    }
)  # fmt: skip
"""What is often put before a name and says nothing of it."""
COMMON = 5
"""Names with the same beginning that make it a prefix."""
FUZZY = 0.86
"""Likeness (``difflib``) from which a name is taken for the wanted one (chosen by eye;
``tests/core/retarget/test_match.py`` holds names on both sides of it)."""

_NUMBERED = re.compile(r"(.+)\.\d{3,}")
"""What Blender makes of a name that is taken: ``jawOpen.001``."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|\d+|[^\W\d_]+")
"""A word of a name: capitals, one that begins with a capital, small letters, a number, or other letters."""


def words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, a single word of side written out and put last.

    Half and full width of Japanese letters are the same.
    """
    plain = unicodedata.normalize("NFKC", name)
    for said, side in _JAPANESE.items():
        plain = plain.replace(said, side)
    found = [w.lower() for w in _WORD.findall(plain)]
    if len(found) > 1:  # mouthRollUL and the like keep their letters
        found = [SIDES.get(w, w) for w in found]
    sides = [w for w in found if w in ("left", "right")]
    if len(sides) == 1 and found[-1] != sides[0]:
        found.remove(sides[0])
        found.append(sides[0])
    return tuple(found)


def canonical(name: str) -> str:
    """A name without case, separators and spelling of sides: the same for all its spellings."""
    return "".join(words(name)) or name


def normalised_matches(
    wanted: Iterable[str], names: Iterable[str], also: Iterable[str] = ()
) -> dict[str, str]:
    """Names that are spellings of wanted ones, perhaps with something before them.

    What stands before is accepted where it is one of :data:`PREFIXES`, a number, or shared by
    :data:`COMMON` matches. A number that Blender put behind is left out where no other name differs by
    it alone.

    Args:
        wanted: as a table says them.
        names: to look among.
        also: wanted too, but they make no prefix: only one that others share is accepted.

    Returns:
        name to the wanted one that it spells.
    """
    own = {canonical(w): w for w in wanted}
    targets = {canonical(w): w for w in also} | own
    longest = sorted(targets, key=len, reverse=True)
    found: dict[str, str] = {}
    doubtful: dict[str, tuple[str, str]] = {}
    names = list(names)
    stems = Counter(map(stem_of, names))
    for name in names:
        flat = canonical(name)
        if flat not in targets and stems[stem_of(name)] == 1:
            flat = canonical(stem_of(name))
        if flat in targets:
            found[name] = targets[flat]
            continue
        plain = _without_prefix(words(stem_of(name) if stems[stem_of(name)] == 1 else name))
        if plain in targets:
            found[name] = targets[plain]
            continue
        end = next((t for t in longest if len(t) > 3 and flat.endswith(t)), None)
        if end is not None:
            doubtful[name] = (re.sub(r"\d+", "", flat[: -len(end)]), targets[end])
    plain_ones = set(own.values())
    shared = Counter(prefix for prefix, meant in doubtful.values() if meant in plain_ones)
    for name, (prefix, meant) in doubtful.items():
        if shared[prefix] >= COMMON:
            found[name] = meant
    return found


def stem_of(name: str) -> str:
    """A name without the number that Blender puts behind names that are taken."""
    numbered = _NUMBERED.fullmatch(name)
    return numbered[1] if numbered else name


def _without_prefix(said: tuple[str, ...]) -> str:
    start = 0
    while start < len(said) - 1 and (said[start] in PREFIXES or said[start].isdigit()):
        start += 1
    return "".join(said[start:])


def fuzzy_match(wanted: str, names: Iterable[str]) -> str | None:
    """The name most like a wanted one, if it is much like it and speaks of the same side and way."""
    flat, sense = canonical(wanted), _sense(wanted)
    best, most = None, FUZZY
    for name in names:
        if _sense(name) != sense:
            continue
        like = SequenceMatcher(None, flat, canonical(name), autojunk=False).ratio()
        if like >= most:
            best, most = name, like
    return best


def _sense(name: str) -> list[str]:
    return sorted(w for w in words(name) if w in OPPOSED)
