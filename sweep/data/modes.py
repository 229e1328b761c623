"""From every mode of Pillow's to 8-bit RGB, with its full range, or refused with the reason.

=====================  ======================================================================
mode                   what becomes of it
=====================  ======================================================================
RGB                    as it is. Pillow opens 16-bit colour, and grey with transparency, with
                       each value's upper 8 bits: refused where these are all but empty, for
                       then 12 or 8 bits are meant
1, L                   grey; 1 becomes black and white
P                      the palette's colours
LA, La, PA, RGBA,      transparent parts become white; so do those of L, P and RGB where the
RGBa                   file names a transparent colour
RGBX, CMYK, YCbCr,     converted by Pillow
HSV
I;16, I;16L, I;16B,    16-bit grey: 0 … 65,535 becomes 0 … 255. Where no value is above 4,095,
I;16N                  12 bits are meant, and where none is above 255, 8 bits: 0 … 4,095 or
                       0 … 255 becomes 0 … 255
I                      32-bit grey: by the smallest of 8, 12, 16, 24, 32 bits that holds the
                       largest value (TIFF's unsigned values are read as such). Refused where
                       a value is below 0
F                      floating point: 0 … 1 becomes 0 … 255; whole numbers of 0 … 255 stay as
                       they are. Refused with any other value, for the range is not clear
LAB, others            refused
=====================  ======================================================================

A range is told from each picture by itself. TIFFs in which 0 is white are inverted in all modes.
Below ``decoding.py``. Legend: Y rows, X columns.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

INTEGER_MODES = frozenset({"I;16", "I;16L", "I;16B", "I;16N", "I"})
SCALED_MODES = INTEGER_MODES | {"F"}
"""Whose values are brought to 8 bits here; Pillow itself would clip them."""

_BY_PILLOW = frozenset({"1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr", "HSV"})
_WITH_ALPHA = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_INTEGER_MAXIMA = tuple(float(2**bits - 1) for bits in (8, 12, 16, 24, 32))
_PHOTOMETRIC, _SAMPLE_FORMAT = 262, 339
_UNSIGNED, _ZERO_IS_WHITE = 1, 0


class ModeError(ValueError):
    """A picture whose values cannot be brought to 8 bits; the text says why."""


def to_rgb(picture: Image.Image) -> Image.Image:
    """A loaded picture as 8-bit RGB.

    Raises:
        ModeError: its mode, or the range of its values, is refused.
    """
    if picture.mode in SCALED_MODES:
        return _grey(picture)
    if picture.mode not in _BY_PILLOW | _WITH_ALPHA:
        raise ModeError(f"colours of the kind {picture.mode}, which are not converted")
    if picture.has_transparency_data:
        opaque = Image.new("RGBA", picture.size, "white")
        opaque.alpha_composite(_straight(picture).convert("RGBA"))
        return opaque.convert("RGB")
    return picture.convert("RGB")


def check_upper_bits(picture: Image.Image) -> None:
    """Refuse a picture of 16 bits a channel, of which Pillow kept upper bits with next to nothing.

    Raises:
        ModeError: no colour is above 4,095.
    """
    if picture.mode in ("RGB", "RGBA") and np.asarray(picture)[..., :3].max() <= 4095 >> 8:
        raise ModeError("colours of 16 bits that use the lower ones alone")


def _straight(picture: Image.Image) -> Image.Image:
    """Colours that are not multiplied by their opacity."""
    return picture.convert("LA") if picture.mode == "La" else picture


def _grey(picture: Image.Image) -> Image.Image:
    values_YX = _values(picture)
    scale = scale_of(values_YX)
    grey_YX = np.rint(np.multiply(values_YX, 255 / scale, dtype=np.float32))
    if _tag(picture, _PHOTOMETRIC) == _ZERO_IS_WHITE:
        grey_YX = 255 - grey_YX
    transparent = picture.info.get("transparency")
    if isinstance(transparent, int):
        grey_YX[values_YX == transparent] = 255
    return Image.fromarray(grey_YX.astype(np.uint8)).convert("RGB")


def _values(picture: Image.Image) -> NDArray[np.generic]:
    values_YX = np.asarray(picture)
    if picture.mode == "I" and _tag(picture, _SAMPLE_FORMAT) == _UNSIGNED:
        return values_YX.view(np.uint32)
    return values_YX


def _tag(picture: Image.Image, tag: int) -> int | None:
    """A TIFF's tag, its first value where it has several."""
    if not isinstance(picture, TiffImagePlugin.TiffImageFile):
        return None
    value = picture.tag_v2.get(tag)
    return value[0] if isinstance(value, tuple) else value


def scale_of(values: NDArray[np.generic]) -> float:
    """The value that stands for white, in a picture of integers or of floating-point numbers.

    Raises:
        ModeError: it is not clear.

    Example:
        >>> scale_of(np.array([0, 40_000], np.uint16)), scale_of(np.array([0, 4000], np.uint16))
        (65535.0, 4095.0)
        >>> scale_of(np.array([0.0, 0.7]))
        1.0
    """
    if not np.isfinite(values).all():
        raise ModeError("floating-point values that are not finite")
    low, high = float(values.min()), float(values.max())
    if low < 0:
        raise ModeError(f"values below 0, whose range is not clear: {low:g} … {high:g}")
    if np.issubdtype(values.dtype, np.integer):
        return next(maximum for maximum in _INTEGER_MAXIMA if high <= maximum)
    if high <= 1:
        return 1.0
    if high <= 255 and (values == np.rint(values)).all():
        return 255.0
    raise ModeError(f"floating-point values whose range is not clear: {low:g} … {high:g}")
