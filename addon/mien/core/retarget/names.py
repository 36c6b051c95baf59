# SPDX-License-Identifier: GPL-3.0-or-later
"""Names in their spellings: ``eyeBlinkLeft``, ``eyeBlink_L``, ``EyeBlinkLeft``, ``eye_blink_left``."""

import re
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher

SIDES = {"l": "left", "r": "right", "left": "left", "right": "right"}
OPPOSED = (
    "left", "right", "up", "down", "in", "out", "inner", "outer", "upper", "lower", "open", "close",
    "closed", "top", "bottom", "wide", "narrow", "t", "b",
)  # fmt: skip
"""Words that turn a name into another one; a fuzzy match never crosses them."""
PREFIXES = frozenset(
    {
        "arkit", "head", "face", "blendshape", "blendshapes", "key", "shape", "morph", "expression",
        "exp", "ex", "bs", "body", "mesh", "target", "facs", "def", "mixamorig", "genesis", "a",
    }
)  # fmt: skip
"""What is often put before a name and says nothing of it."""
COMMON = 5
"""Names with the same beginning that make it a prefix."""
FUZZY = 0.86

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|\d+|[^\W\d_]+")


def words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, a single word of side written out and put last."""
    found = [w.lower() for w in _WORD.findall(name)]
    if found:  # mouthRollUL and the like keep their letters
        found[-1] = SIDES.get(found[-1], found[-1])
        found[0] = SIDES.get(found[0], found[0]) if len(found) > 1 else found[0]
    sides = [w for w in found if w in ("left", "right")]
    if len(sides) == 1 and found[-1] != sides[0]:
        found.remove(sides[0])
        found.append(sides[0])
    return tuple(found)


def canonical(name: str) -> str:
    """A name without case, separators and spelling of sides: the same for all its spellings."""
    return "".join(words(name))


def normalised_matches(wanted: Iterable[str], names: Iterable[str]) -> dict[str, str]:
    """Names that are spellings of wanted ones, perhaps with something before them.

    What stands before is accepted where it is one of :data:`PREFIXES`, a number, or shared by
    :data:`COMMON` matches.

    Returns:
        name to the wanted one that it spells.
    """
    targets = {canonical(w): w for w in wanted}
    longest = sorted(targets, key=len, reverse=True)
    found: dict[str, str] = {}
    doubtful: dict[str, tuple[str, str]] = {}
    for name in names:
        flat = canonical(name)
        if flat in targets:
            found[name] = targets[flat]
            continue
        plain = _without_prefix(words(name))
        if plain in targets:
            found[name] = targets[plain]
            continue
        end = next((t for t in longest if len(t) > 3 and flat.endswith(t)), None)
        if end is not None:
            doubtful[name] = (re.sub(r"\d+", "", flat[: -len(end)]), targets[end])
    shared = Counter(prefix for prefix, _ in doubtful.values())
    for name, (prefix, meant) in doubtful.items():
        if shared[prefix] >= COMMON:
            found[name] = meant
    return found


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
