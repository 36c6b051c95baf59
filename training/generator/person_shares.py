# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers by which the looks of made-up people are drawn.

All were chosen by eye on contact sheets (``python -m training.generator --people``), so that what is common in
footage is common, and no look is left out. Colours of skin, hair and cloth are factors on linear light.
"""

CHILD, OLD, YOUNG = 0.16, 0.2, 0.7
"""Shares of children and of old people; a draw between those and the third makes a young one, above it one of
middle age."""
CHILDS_OWN, CHILDISH, AGED = 0.7, (0.5, 1.0), (0.4, 1.0)
"""How much of their own identity children keep, and how far they go toward a child's, and the old toward age."""

LIGHTER = 1.35
"""Skins are drawn from light to dark by a uniform number to this power: the lighter half is in most
photos, and its share here is 0.6."""
DARK_SKIN, DARK_HAIR = 3, 4
"""Steps of the tones from which the darker texture is taken, and from which hair is dark and mostly frizzy."""
TOWARD_TONE, TINT_LIMITS, TINT_SPREAD = (0.4, 1.0), (0.25, 2.5), 0.04
"""How far a skin's texture is brought to the tone (an exponent), its limits, and the spread of each channel."""
BLOTCH, BLOTCH_RINGS, REDNESS, REDNESS_RINGS = 0.05, 20, 0.04, 8
"""Strength of uneven skin and of its redness, and over how many rings of vertices each goes."""
LIPSTICK, LIPSTICK_TINT, LIPSTICK_RED = 0.4, (0.3, 0.9), (0.8, 0.7, 1.2)
"""Share of women with it, how much darker it is, and its colour over that, BGR."""
GLOSS = 0.12
"""Spread of the skin's gloss."""

GREY_EARLY, GREYED = 0.2, 0.8
"""Shares of middle-aged people who go grey, and of those whose hair then is."""
GREYS, DARKS = (5, 7), (0, 3)
"""Which of the colours of hair are grey, and which are dark: from the first to before the second."""
DARK_WITH_DARK = 0.8
"""Share of people with dark skin whose hair is one of the dark ones whatever else was drawn."""
HAIR_LIGHT = (0.6, 1.25)
"""Range of the light on hair."""
GREYEST = 0.6
"""Linear brightness of white hair; brighter burns out in any light."""
BEARD, BEARD_THICK = 0.45, (0.15, 1.0)
"""Share of men with one, and from a shadow to a full one."""
PATCH_MIDDLE, PATCH_SPREAD, PATCH_RINGS = 0.75, 0.4, 6
"""How thick it is here and there: middle and spread of a share, and rings of vertices over which it goes."""
PART_BEARD, MOUSTACHE = 0.25, 0.5
"""Share of beards that are above or below the lips only, and of these of moustaches."""
STYLES = {"short01": 3.0, "short02": 3.0, "short03": 2.5, "short04": 3.0, "bob02": 1.2,
          "long01": 1.6, "ponytail01": 2.0, "braid01": 1.6, "afro01": 1.2}  # fmt: skip
"""Chances of styles of hair: those that leave the face free more than those that hang over it."""
FRIZZY = "afro01"
"""Worn by either sex, and mostly under dark skin."""
LONG = ("bob02", "long01", "ponytail01", "braid01")
"""Styles that mostly women wear."""
SUITS, SUITS_NOT = 3.0, 0.35
"""Factors on the chance of a style that goes with sex and skin, and of one that does not."""
HAIRLINE, BELOW_HAIRLINE = 2.0, 0.3
"""Hair is painted on the scalp under it by so many times how far up the crown a place is, less so much."""
BALD, BALD_WOMEN, STUBBLE = 0.10, 0.02, 0.8
"""Shares of men and of women without hair; half of them have a shadow of it, at most so strong."""

CAP, SCARF, HAT = 0.07, 0.05, 0.05
"""Shares of people with a cap, a scarf and a hat."""
CAP_REACH = 2.0
"""How steeply a cap ends: its cover over how far up the crown a place is."""
CLOTH_LIFT = (0.003, 0.014)
"""Metres by which it stands off the skin."""
CLOTHED, CLOTH_TINT = 0.93, (0.2, 1.5)
"""Share of people with clothes, and the range of the factor on each channel of these."""

BROWED, BROW_DARK, BROW_LIGHTEST = 0.96, (0.3, 1.0), 0.25
"""Share of people with brows; how much darker these are than the hair, and their greatest linear brightness."""
BROW_THICK, BROW_LIFT, BROW_LIFT_SPREAD = (0.6, 2.2), 0.0009, 0.0008
"""Factor on the alpha of brows; metres by which their sheets go up, which sit so low against the landmarks, and the
spread of it."""
LASHED_WOMEN, LASHED_MEN, LASH_LIGHT = 0.95, 0.7, (0.002, 0.03)
"""Shares with lashes that are seen, and the linear brightness of these."""
BROWN = "brownlight"
"""The iris of MakeHuman that is darkened to all shades of brown."""
BROWN_WITH_DARK, BROWN_WITH_LIGHT, BROWN_LIGHT = 0.93, 0.45, (0.12, 1.0)
"""Shares of brown eyes by the skin, and from nearly black to hazel."""
IRIS_ANGLE = (0.37, 0.46)
"""Radius of an iris seen from the eyeball's centre, radians."""
TEETH = (0.55, 1.15)
"""Brightness of teeth over that of their texture."""
