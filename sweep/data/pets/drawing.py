"""Draws an animal, head and shoulders, from its traits, with Pillow.

Everything is in the animal's own coordinates: the head's centre is the origin, its half height is
one, x goes right and y down. A ``Pen`` puts that somewhere into a picture.
"""

import math
from collections.abc import Iterable
from random import Random

from PIL import Image, ImageDraw

from sweep.data.pets.traits import BLACK, CREAM, PINK, Colour, Traits, blend, shade

Point = tuple[float, float]

_CIRCLE = tuple(
    (math.cos(2 * math.pi * step / 20), math.sin(2 * math.pi * step / 20)) for step in range(20)
)
_SIDES = (-1, 1)


class Pen:
    """Draws on a picture in an animal's coordinates.

    Args:
        picture: drawn upon.
        centre: of the head, in pixels.
        scale: the head's half height, in pixels.
        tilt: of the head, in radians.
        mirrored: whether left is right.
    """

    def __init__(
        self, picture: Image.Image, centre: Point, scale: float, tilt: float, mirrored: bool
    ) -> None:
        self._draw = ImageDraw.Draw(picture)
        self._centre = centre
        self._scale = scale
        self._cos, self._sin = scale * math.cos(tilt), scale * math.sin(tilt)
        self._side = -1 if mirrored else 1

    def shape(self, points: Iterable[Point], colour: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon(self._placed(points), fill=colour)

    def ellipse(
        self, x: float, y: float, across: float, down: float, colour: Colour, turn: float = 0.0
    ) -> None:
        """A filled ellipse with the radii ``across`` and ``down``, turned by radians."""
        cos, sin = math.cos(turn), math.sin(turn)
        self.shape(
            [
                (x + across * u * cos - down * v * sin, y + across * u * sin + down * v * cos)
                for u, v in _CIRCLE
            ],
            colour,
        )

    def stroke(self, points: Iterable[Point], colour: Colour, width: float) -> None:
        """A line through the points."""
        pixels = max(1, round(width * self._scale))
        self._draw.line(self._placed(points), fill=colour, width=pixels)

    def _placed(self, points: Iterable[Point]) -> list[Point]:
        (left, top), cos, sin, side = self._centre, self._cos, self._sin, self._side
        return [
            (left + cos * x * side - sin * y, top + sin * x * side + cos * y) for x, y in points
        ]


def draw_animal(pen: Pen, random: Random, traits: Traits, yaw: float) -> None:
    """Draw all of it, back to front.

    Args:
        pen: where.
        random: for what is not a trait, such as the places of stripes.
        traits: what it looks like.
        yaw: how far the face looks aside, in −1 … 1.
    """
    _shoulders(pen, random, traits)
    if traits.ears != "hanging":
        _ears(pen, random, traits)
    if traits.fluffy:
        _fluff(pen, random, traits)
    pen.ellipse(0, 0, traits.head_width, 1, traits.fur)
    _markings(pen, random, traits, yaw)
    if traits.ears == "hanging":
        _ears(pen, random, traits)
    _muzzle(pen, traits, yaw)
    _eyes(pen, traits, yaw)
    if traits.whiskers:
        _whiskers(pen, random, traits, yaw)


def _shoulders(pen: Pen, random: Random, traits: Traits) -> None:
    coat = shade(traits.fur, 0.84)
    width = traits.body_width
    pen.ellipse(0, 2.1, width, 1.5, coat)
    if traits.bib:
        pen.ellipse(0, 1.75, width * 0.45, 0.85, blend(coat, CREAM, 0.7))
    if traits.marking == "tabby":
        for side in _SIDES:
            for step in range(3):
                y = 1.45 + 0.4 * step + random.uniform(-0.06, 0.06)
                pen.stroke(
                    [(side * width * 0.95, y), (side * width * 0.5, y + 0.12)],
                    traits.second_fur,
                    0.1,
                )
    if traits.collar:
        pen.stroke([(-0.62, 0.86), (-0.25, 1.04), (0.25, 1.04), (0.62, 0.86)], traits.collar, 0.17)
        pen.ellipse(0, 1.18, 0.12, 0.12, (236, 200, 92))


def _ears(pen: Pen, random: Random, traits: Traits) -> None:
    inner = blend(traits.ear, PINK, 0.4)
    for side in _SIDES:
        root_x, root_y = side * traits.head_width * 0.6, -0.62
        sway = random.uniform(-0.1, 0.1)
        length, width = traits.ear_length, traits.ear_width
        tip = (root_x + side * width * 0.4 + sway, root_y - length)
        near = (root_x - side * width, root_y - 0.1)
        far = (root_x + side * width * 0.85, root_y + width * 0.9)
        if traits.ears == "hanging":
            x, y = root_x + side * width * 0.8, root_y + length * 0.5
            pen.ellipse(x, y, width * 0.75, length * 0.66, traits.ear, side * sway - side * 0.2)
        elif traits.ears == "pricked":
            pen.shape([near, tip, far], traits.fur)
            pen.shape(_shrunk([near, tip, far], 0.42), inner)
        else:
            fold_near, fold_far = _between(near, tip, 0.5), _between(far, tip, 0.55)
            pen.shape([near, fold_near, fold_far, far], traits.fur)
            drop = (root_x + side * width * 0.9 + sway, root_y + 0.12)
            pen.shape([fold_near, fold_far, drop], traits.ear)


def _between(first: Point, second: Point, share: float) -> Point:
    return first[0] + (second[0] - first[0]) * share, first[1] + (second[1] - first[1]) * share


def _shrunk(corners: list[Point], share: float) -> list[Point]:
    """The corners moved by ``share`` of the way to their middle."""
    middle = sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)
    return [_between(corner, middle, share) for corner in corners]


def _fluff(pen: Pen, random: Random, traits: Traits) -> None:
    """Tufts around the cheeks."""
    for side in _SIDES:
        for step in range(7):
            angle = -0.5 + 0.24 * step + random.uniform(-0.08, 0.08)
            reach = random.uniform(1.1, 1.32)
            x, y = traits.head_width * math.cos(angle), math.sin(angle)
            pen.shape(
                [
                    (side * x * 0.9, y * 0.9 - 0.14),
                    (side * x * reach, y * reach + 0.1),
                    (side * x * 0.9, y * 0.9 + 0.14),
                ],
                shade(traits.fur, 0.93),
            )


def _markings(pen: Pen, random: Random, traits: Traits, yaw: float) -> None:
    width, colour = traits.head_width, traits.second_fur
    if traits.marking == "tabby":
        for step in (-2, -1, 0, 1, 2):
            x = 0.16 * step + random.uniform(-0.03, 0.03)
            pen.stroke([(x * 1.5, -0.88 + 0.04 * step * step), (x, -0.42)], colour, 0.08)
        for side in _SIDES:
            for y in (0.12, 0.34):
                lift = random.uniform(-0.05, 0.12)
                pen.stroke(
                    [(side * width * 0.92, y - lift), (side * width * 0.58, y + 0.06)], colour, 0.07
                )
    elif traits.marking == "patch":
        side = random.choice(_SIDES)
        pen.ellipse(
            side * width * 0.4 + 0.2 * yaw, random.uniform(-0.35, -0.05), 0.38, 0.44, colour
        )
    elif traits.marking == "mask":
        light = blend(traits.fur, CREAM, 0.65)
        pen.shape(
            [
                (0.2 * yaw - 0.13, -0.95),
                (0.2 * yaw + 0.13, -0.95),
                (0.25 * yaw + 0.4, 0.5),
                (0.25 * yaw - 0.4, 0.5),
            ],
            light,
        )
        pen.ellipse(0.2 * yaw, 0.52, width * 0.62, 0.44, light)


def _muzzle(pen: Pen, traits: Traits, yaw: float) -> None:
    width = traits.muzzle_width
    x, y = 0.3 * yaw, 0.4
    coat = traits.muzzle
    dark = shade(coat, 0.42)
    if traits.tongue:
        pen.ellipse(x, y + width * 0.85, width * 0.32, width * 0.48, (226, 108, 120))
    pen.ellipse(x, y + width * 0.3, width * 0.7, width * 0.6, shade(coat, 0.9))
    for side in _SIDES:
        pen.ellipse(x + side * width * 0.5, y + width * 0.1, width * 0.68, width * 0.58, coat)
    nose = traits.nose_size
    nose_y = y - width * 0.3
    pen.shape(
        [
            (x - nose * 1.3, nose_y - nose * 0.7),
            (x + nose * 1.3, nose_y - nose * 0.7),
            (x + nose * 0.5, nose_y + nose * 0.6),
            (x - nose * 0.5, nose_y + nose * 0.6),
        ],
        traits.nose,
    )
    lip = y + width * 0.35
    pen.stroke([(x, nose_y + nose * 0.5), (x, lip)], dark, 0.04)
    for side in _SIDES:
        pen.stroke(
            [
                (x, lip),
                (x + side * width * 0.32, lip + width * 0.18),
                (x + side * width * 0.7, lip),
            ],
            dark,
            0.04,
        )


def _eyes(pen: Pen, traits: Traits, yaw: float) -> None:
    size = traits.eye_size
    for side in _SIDES:
        x, y = side * traits.head_width * 0.42 + 0.2 * yaw, -0.12
        pen.ellipse(x, y, size * 1.25, size * 1.1, shade(traits.fur, 0.35), side * -0.2)
        pen.ellipse(x, y, size * 1.05, size * 0.92, traits.iris)
        across = 0.26 if traits.slit_pupils else 0.58
        pen.ellipse(x, y, size * across, size * 0.78, BLACK)
        pen.ellipse(x - size * 0.32, y - size * 0.34, size * 0.24, size * 0.24, (250, 250, 250))


def _whiskers(pen: Pen, random: Random, traits: Traits, yaw: float) -> None:
    colour: Colour = (240, 240, 240) if sum(traits.fur) < 450 else (96, 90, 86)
    length = random.uniform(0.6, 1.0)
    for side in _SIDES:
        for step in (-1, 0, 1):
            x, y = 0.3 * yaw + side * traits.muzzle_width * 0.6, 0.44 + 0.07 * step
            end = (x + side * length, y + 0.16 * step + random.uniform(-0.08, 0.08))
            pen.stroke([(x, y), end], colour, 0.025)
