"""From a file's bytes to pixels, by Pillow, so that every backend sees the same ones.

A picture is what Pillow can decode to its end in one of ``formats.formats()``, whatever its name
says: a GIF called ``.jpg`` is one (its first frame). ``modes.py`` has what becomes of each mode,
16-bit ones included; transparent parts become white. EXIF orientation is applied only where a
study asks for it (``Pictures.orientation``); Keras' own loaders do not apply it either. (In TIFF
and HEIC Pillow and its plug-in always apply it.)
"""

import io
import lzma
import re
import struct
import zipfile
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from sweep.data.formats import formats, unknown_in_words
from sweep.data.modes import ModeError, check_upper_bits, to_rgb

FAULTS = (
    *(OSError, ValueError, EOFError, LookupError, TypeError, AttributeError, ArithmeticError),
    SyntaxError,  # Pillow's word for a malformed PNG
    RuntimeError,  # an encrypted zip, and a method of packing that is not known
    AssertionError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What reading and decoding raise when a file is no good: much, for decoders trust their input.

Not a want of memory, which says nothing of the file.
"""

NEEDS_PASSWORD = "in an archive with a password"
UNKNOWN_PACKING = "in an archive packed by a method that is not known"

_OF_16_BITS = re.compile(r"\b(?:RGB|LA)\w*;16")
"""Pillow's words for colours of 16 bits a channel in a file; ``BGR;16`` is of 16 bits in all."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By EXIF's orientation."""


def decode(content: bytes, image_size: int, *, upright: bool = False) -> NDArray[np.uint8]:
    """The picture at ``image_size`` × ``image_size`` pixels, RGB, whatever its proportions.

    Resized bilinearly with Pillow's antialiasing.

    Args:
        content: of the file.
        image_size: in pixels.
        upright: whether its EXIF orientation is applied.

    Returns:
        (image_size, image_size, 3).

    Raises:
        FAULTS: the picture cannot be decoded.
    """
    picture = open_rgb(content, upright=upright)
    return np.asarray(picture.resize((image_size, image_size), Image.Resampling.BILINEAR))


def open_rgb(content: bytes, *, upright: bool = False) -> Image.Image:
    """Decode the whole picture at its own size.

    Raises:
        FAULTS: the picture cannot be decoded.
    """
    with opened(content) as picture:
        rgb = to_rgb(picture)
        turned = turned_by_exif(picture) if upright else None
    return rgb if turned is None else rgb.transpose(turned)


def opened(content: bytes) -> Image.Image:
    """The picture, decoded to its end, in its own mode.

    Raises:
        FAULTS: it cannot be decoded.
    """
    picture = Image.open(io.BytesIO(content), formats=formats())
    has_16_bits = any(_OF_16_BITS.search(str(tile[3])) for tile in picture.tile)
    picture.load()  # and the tiles, which name the file's own mode, are gone
    if has_16_bits:
        check_upper_bits(picture)
    return picture


def turned_by_exif(picture: Image.Image) -> Image.Transpose | None:
    """How its EXIF orientation turns the picture; None where it does not, or cannot be read."""
    try:
        return _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except FAULTS:
        return None


def fault_in_words(error: Exception, content: bytes = b"", name: str = "") -> str:
    """Why a file was skipped, in the words of a user."""
    if isinstance(error, UnidentifiedImageError):
        return unknown_in_words(content, name)
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return "too many pixels to decode safely"
    if isinstance(error, ModeError):
        return str(error)
    if isinstance(error, zlib.error | lzma.LZMAError | zipfile.BadZipFile):
        return "damaged in the archive"
    if isinstance(error, RuntimeError) and _says_locked(error):
        return NEEDS_PASSWORD
    if isinstance(error, NotImplementedError):
        return UNKNOWN_PACKING
    if isinstance(error, FileNotFoundError):
        return "a link to a file that is not there"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read ({error.strerror})"
    return f"cut off or damaged: {error}"


def _says_locked(error: RuntimeError) -> bool:
    words = str(error).lower()
    return "password" in words or "encryption" in words
