"""What a rendered cat or dog looks like: traits drawn at random, each of which both classes share.

No trait gives the class away: every range and every set of probabilities of cats overlaps with that
of dogs. Only several traits together tell them apart, which is what the network has to learn.
"""

from dataclasses import dataclass
from random import Random

Colour = tuple[int, int, int]
Range = tuple[float, float]

FURS: tuple[Colour, ...] = (
    (38, 35, 34), (74, 69, 70), (124, 120, 118), (170, 162, 154), (232, 224, 212),
    (214, 160, 98), (196, 122, 62), (146, 96, 60), (98, 66, 46), (226, 194, 146),
)  # fmt: skip
IRISES: tuple[Colour, ...] = (
    (122, 176, 84), (214, 174, 62), (104, 156, 206), (124, 80, 46), (62, 42, 30),
)  # fmt: skip
PINK: Colour = (214, 132, 132)
BLACK: Colour = (28, 24, 26)
CREAM: Colour = (244, 236, 226)
SOOT: Colour = (46, 38, 36)


@dataclass(frozen=True)
class Kind:
    """From where the traits of one class are drawn: ranges, and weights of choices.

    Lengths are in units of the head's half height. ``irises`` weighs ``IRISES``; what ends in
    ``_share`` is the probability of having it.
    """

    ears: dict[str, float]
    markings: dict[str, float]
    irises: tuple[float, ...]
    head_width: Range
    ear_length: Range
    ear_width: Range
    muzzle_width: Range
    nose_size: Range
    eye_size: Range
    body_width: Range
    slit_share: float
    pink_nose_share: float
    whiskers_share: float
    tongue_share: float
    collar_share: float
    fluffy_share: float


CAT = Kind(
    ears={"pricked": 0.87, "folded": 0.11, "hanging": 0.02},
    markings={"plain": 0.3, "tabby": 0.35, "patch": 0.15, "mask": 0.2},
    irises=(0.36, 0.34, 0.12, 0.1, 0.08),
    head_width=(0.98, 1.24),
    ear_length=(0.6, 1.0),
    ear_width=(0.32, 0.48),
    muzzle_width=(0.28, 0.44),
    nose_size=(0.08, 0.13),
    eye_size=(0.15, 0.23),
    body_width=(0.95, 1.35),
    slit_share=0.7,
    pink_nose_share=0.5,
    whiskers_share=0.85,
    tongue_share=0.04,
    collar_share=0.15,
    fluffy_share=0.4,
)
DOG = Kind(
    ears={"pricked": 0.14, "folded": 0.16, "hanging": 0.7},
    markings={"plain": 0.35, "tabby": 0.12, "patch": 0.28, "mask": 0.25},
    irises=(0.04, 0.1, 0.1, 0.36, 0.4),
    head_width=(0.82, 1.1),
    ear_length=(0.65, 1.2),
    ear_width=(0.3, 0.5),
    muzzle_width=(0.42, 0.72),
    nose_size=(0.12, 0.24),
    eye_size=(0.09, 0.16),
    body_width=(0.95, 1.5),
    slit_share=0.04,
    pink_nose_share=0.3,
    whiskers_share=0.12,
    tongue_share=0.2,
    collar_share=0.35,
    fluffy_share=0.4,
)
KINDS = (CAT, DOG)
"""By label."""


@dataclass(frozen=True)
class Traits:
    """What one animal looks like; lengths in units of the head's half height."""

    fur: Colour
    second_fur: Colour
    ears: str
    marking: str
    iris: Colour
    head_width: float
    ear_length: float
    ear_width: float
    muzzle_width: float
    muzzle: Colour
    ear: Colour
    nose_size: float
    nose: Colour
    eye_size: float
    body_width: float
    slit_pupils: bool
    whiskers: bool
    tongue: bool
    collar: Colour | None
    fluffy: bool
    bib: bool


def draw_traits(random: Random, label: int) -> Traits:
    """Draw the traits of a cat (``label`` 0) or a dog (1)."""
    kind = KINDS[label]
    fur = shade(random.choice(FURS), random.uniform(0.85, 1.15))
    return Traits(
        fur=fur,
        second_fur=shade(random.choice(FURS), random.uniform(0.85, 1.15)),
        ears=_one_of(random, kind.ears),
        marking=_one_of(random, kind.markings),
        iris=random.choices(IRISES, kind.irises)[0],
        head_width=random.uniform(*kind.head_width),
        ear_length=random.uniform(*kind.ear_length),
        ear_width=random.uniform(*kind.ear_width),
        muzzle_width=random.uniform(*kind.muzzle_width),
        muzzle=blend(fur, random.choice((CREAM, SOOT)), random.uniform(0.15, 0.7)),
        ear=blend(fur, random.choice((CREAM, SOOT)), random.uniform(0.1, 0.4)),
        nose_size=random.uniform(*kind.nose_size),
        nose=PINK if random.random() < kind.pink_nose_share else BLACK,
        eye_size=random.uniform(*kind.eye_size),
        body_width=random.uniform(*kind.body_width),
        slit_pupils=random.random() < kind.slit_share,
        whiskers=random.random() < kind.whiskers_share,
        tongue=random.random() < kind.tongue_share,
        collar=any_colour(random) if random.random() < kind.collar_share else None,
        fluffy=random.random() < kind.fluffy_share,
        bib=random.random() < 0.35,
    )


def any_colour(random: Random) -> Colour:
    """Any colour but the very dark and the very bright."""
    return random.randrange(25, 235), random.randrange(25, 235), random.randrange(25, 235)


def shade(colour: Colour, factor: float) -> Colour:
    """The colour, darker (below 1) or brighter."""
    red, green, blue = (min(255, int(channel * factor)) for channel in colour)
    return red, green, blue


def blend(first: Colour, second: Colour, share: float) -> Colour:
    """``share`` of the second colour in the first."""
    red, green, blue = (
        int(one + (other - one) * share) for one, other in zip(first, second, strict=True)
    )
    return red, green, blue


def _one_of(random: Random, weights: dict[str, float]) -> str:
    return random.choices(tuple(weights), tuple(weights.values()))[0]
