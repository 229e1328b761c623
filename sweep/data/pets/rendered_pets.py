"""Rendered pets: cats and dogs that the program draws itself, for where there are no photographs.

Head and shoulders of one animal a picture, 48 × 48 pixels, drawn at three times that size. Picture
i is a cat where i is even, a dog where it is odd, and depends on i alone: the first n pictures are
the same however many are drawn.

How hard they are is a choice, made with the traits (``pet_traits``) and with what disturbs them
here: place, size, tilt, background, clutter, occlusion, blur, light, contrast and noise. Brightness
tells little: fur, ears, muzzle and background are as often light as dark. Measured on 2,000
pictures to train on and 500 others: logistic regression on the pixels reaches 0.84 (best epoch of
20; 0.79 at the last), a Dense(256) on the pixels 0.79 (0.88 at its best epoch); the small base with
the default head and Adam, 10 epochs, mean of 3 seeds, 0.90 at the best learning rates (0.003 and
0.0054) and 0.63 at 0.1, where most trainings collapse. A study that does not say how many it
takes has 1,250 of them at 32 × 32 pixels (``study.rendered``), a first look in a quarter of the
time: Adam then reaches 0.84 at its best learning rate and 0.50 at 0.1, RAdam 0.84 and 0.72, mean
of 5 seeds. 2,500 pictures take about 1.5 s to draw.
"""

import logging
import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from sweep.data.files import write_atomically
from sweep.data.pets.drawing import Pen, draw_animal
from sweep.data.pets.traits import Colour, any_colour, blend, draw_traits
from sweep.util.hashing import digest
from sweep.util.progress import Progress, silent

CLASS_NAMES = ("cat", "dog")
DEFAULT_COUNT = 2500
IMAGE_SIZE = 48
RECIPE = 1
"""Raised when the same picture would be drawn otherwise."""

_OVERSIZE = 3
_GREY: Colour = (128, 128, 128)

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class RenderedPets:
    """Drawn pictures: ``pixels`` (n, 48, 48, 3), and ``labels`` (n,) 0 (cat), 1 (dog), 0, 1, …"""

    pixels: Pixels

    @property
    def labels(self) -> NDArray[np.uint8]:
        """Of every picture."""
        return (np.arange(len(self.pixels)) % 2).astype(np.uint8)


def rendered(count: int, cache: Path, progress: Progress = silent) -> RenderedPets:
    """The first ``count`` pictures, drawn, or from the cache where they have been drawn before.

    Raises:
        CacheError: the cache cannot be written.
    """
    key = digest({"recipe": RECIPE, "count": count, "versions": [PIL.__version__, np.__version__]})
    path = cache / "rendered-pets" / f"{key}.npz"
    pixels = _load(path)
    if pixels is None:
        pixels = np.empty((count, IMAGE_SIZE, IMAGE_SIZE, 3), np.uint8)
        for index in range(count):
            pixels[index] = draw_pet(index)
            progress("drawing pets", index + 1, count, "pictures")
        with write_atomically(path) as file:
            np.savez(file, pixels=pixels)
    return RenderedPets(pixels)


def resize(picture: Pixels, image_size: int) -> Pixels:
    """The picture at another size, bilinearly."""
    if image_size == len(picture):
        return picture
    size = (image_size, image_size)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR))


def draw_pet(index: int, image_size: int = IMAGE_SIZE) -> Pixels:
    """Draw picture ``index``: a cat where it is even, a dog where it is odd.

    Returns:
        (image_size, image_size, 3), RGB.
    """
    random = Random(f"pet {RECIPE} {index}")
    side = image_size * _OVERSIZE
    picture = _background(random, side)
    _clutter(picture, random, random.randrange(0, 3), (0.04, 0.2))
    pen = Pen(
        picture,
        centre=(side * random.uniform(0.45, 0.55), side * random.uniform(0.41, 0.49)),
        scale=side * random.uniform(0.25, 0.31),
        tilt=random.uniform(-0.12, 0.12),
        mirrored=random.random() < 0.5,
    )
    draw_animal(pen, random, draw_traits(random, index % 2), yaw=random.uniform(-0.4, 0.4))
    if random.random() < 0.25:
        _clutter(picture, random, random.randrange(1, 3), (0.02, 0.12))
    picture = picture.resize((image_size, image_size), Image.Resampling.BOX)
    if random.random() < 0.25:
        blur = random.uniform(0.3, 0.9) * image_size / IMAGE_SIZE
        picture = picture.filter(ImageFilter.GaussianBlur(blur))
    return _photographed(np.asarray(picture, np.float32), random)


def _background(random: Random, side: int) -> Image.Image:
    """A wall and a floor in two soft colours, with blotches of light."""
    coarse = 8
    top, bottom = (np.array(blend(any_colour(random), _GREY, 0.5)) for _ in range(2))
    horizon = random.uniform(0.2, 1.1) * coarse
    softness = random.uniform(0.3, 3.0)
    floor = 1 / (1 + np.exp((horizon - np.arange(coarse)) / softness))
    colours = top + floor[:, None, None] * (bottom - top) + np.zeros((coarse, coarse, 3))
    blotches = np.random.default_rng(random.getrandbits(64)).normal(size=(coarse, coarse, 1))
    colours += random.uniform(3, 14) * blotches
    small = Image.fromarray(np.clip(colours, 0, 255).astype(np.uint8))
    return small.resize((side, side), Image.Resampling.BICUBIC)


def _clutter(picture: Image.Image, random: Random, count: int, sizes: tuple[float, float]) -> None:
    """Things lying about: discs, boxes and sticks of any colour."""
    draw, side = ImageDraw.Draw(picture), picture.width
    for _ in range(count):
        x, y = random.uniform(0, side), random.uniform(0, side)
        across, down = (side * random.uniform(*sizes) for _ in range(2))
        box = (x - across, y - down, x + across, y + down)
        what = random.choice(("disc", "box", "stick"))
        if what == "disc":
            draw.ellipse(box, fill=any_colour(random))
        elif what == "box":
            draw.rounded_rectangle(box, radius=min(across, down) / 2, fill=any_colour(random))
        else:
            width = max(1, round(side * random.uniform(0.01, 0.04)))
            draw.line(box, fill=any_colour(random), width=width)


def _photographed(picture: NDArray[np.float32], random: Random) -> Pixels:
    """Light from one side, its colour, contrast, and the camera's noise."""
    size = len(picture)
    place = np.arange(size, dtype=np.float32) / size - 0.5
    angle, slope = random.uniform(0, 2 * math.pi), random.uniform(0, 0.4)
    light = 1 + slope * (math.cos(angle) * place[None, :] + math.sin(angle) * place[:, None])
    tint = np.array([random.uniform(0.9, 1.1) for _ in range(3)], np.float32)
    lit = picture * light[..., None] * (tint * random.uniform(0.8, 1.1))
    contrast = random.uniform(0.65, 1.15)
    noise = np.random.default_rng(random.getrandbits(64)).standard_normal(picture.shape, np.float32)
    seen = (lit - 115) * contrast + 115 + random.uniform(2, 9) * noise
    return np.clip(seen, 0, 255).astype(np.uint8)


def _load(path: Path) -> Pixels | None:
    """The cached pictures, or None where there are none or their CRC-32 says they are damaged."""
    try:
        with path.open("rb") as file, np.load(file) as stored:
            return stored["pixels"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        logging.getLogger(__name__).warning("%s is damaged; drawing the pictures again", path)
        return None
