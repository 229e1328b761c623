"""From a file's bytes to pixels, by Pillow, so that every backend sees the same ones.

A picture is what Pillow can decode to its end in one of ``FORMATS``, whatever its name says: a GIF
called ``.jpg`` is one (its first frame). Transparent parts become white. EXIF orientation is not
applied, as in Keras' own loaders.
"""

import io
import lzma
import struct
import zipfile
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")

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


def decode(content: bytes, image_size: int) -> NDArray[np.uint8]:
    """The picture at ``image_size`` × ``image_size`` pixels, RGB, whatever its proportions.

    Resized bilinearly with Pillow's antialiasing.

    Returns:
        (image_size, image_size, 3).

    Raises:
        FAULTS: the picture cannot be decoded.
    """
    picture = open_rgb(content)
    return np.asarray(picture.resize((image_size, image_size), Image.Resampling.BILINEAR))


def open_rgb(content: bytes) -> Image.Image:
    """Decode the whole picture at its own size.

    Raises:
        FAULTS: the picture cannot be decoded.
    """
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        picture.load()
        if picture.has_transparency_data:
            opaque = Image.new("RGBA", picture.size, "white")
            opaque.alpha_composite(picture.convert("RGBA"))
            return opaque.convert("RGB")
        return picture.convert("RGB")


def fault_in_words(error: Exception) -> str:
    """Why a file was skipped, in the words of a user."""
    if isinstance(error, UnidentifiedImageError):
        return "not a picture in a known format"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return "too many pixels to decode safely"
    if isinstance(error, zlib.error | lzma.LZMAError | zipfile.BadZipFile):
        return "damaged in the archive"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    return f"cut off or damaged: {error}"
