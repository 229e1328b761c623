"""Formats of pictures: which are read, and what a file is that is none of them.

=========  ===========================================================================
read       JPEG, PNG, GIF (first frame), BMP, WebP, TIFF; AVIF where Pillow was built
           with it; HEIC where Pillow's plug-in ``pillow-heif`` is installed
not read   all else; a file is told from its first bytes, or else from its suffix
=========  ===========================================================================

Below ``decoding.py``, which opens what is read, and ``listing.py``, which needs the suffixes.
"""

import importlib
from functools import cache
from pathlib import PurePosixPath

from PIL import Image, features

_ALWAYS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")
_READ_SUFFIXES = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".gif", ".bmp", ".dib", ".webp"),
        *(".tif", ".tiff", ".avif", ".heic", ".heif", ".hif"),
    }
)
_NOT_READ = {
    ".jxl": "JPEG XL",
    **dict.fromkeys((".jp2", ".j2k", ".jpx"), "JPEG 2000"),
    **dict.fromkeys((".ppm", ".pgm", ".pbm", ".pnm"), "Netpbm"),
    ".psd": "Photoshop",
    ".svg": "SVG",
    ".tga": "TGA",
    ".ico": "an icon",
    **dict.fromkeys(
        (".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2", ".raf"), "a camera's raw format"
    ),
}
PICTURE_SUFFIXES = _READ_SUFFIXES | frozenset(_NOT_READ)
"""Of files that are pictures, of a format that is read or not."""

HEIC_REMEDY = "HEIC pictures are read once pillow-heif is installed (`pip install pillow-heif`)."
LFS_POINTER = "a Git LFS pointer, not the file itself"
WEB_PAGE = "a web page under this name"
ARCHIVE = "an archive under this name"
NEEDS_PLUG_IN = "HEIC, which needs the plug-in pillow-heif"
_NO_PICTURE = "not a picture in a known format"

_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_AVIF_BRANDS = (b"avif", b"avis")
_FIRST_BYTES = (
    (b"version https://git-lfs", LFS_POINTER),
    (b"\xff\x0a", "JPEG XL, which is not read"),
    (b"\0\0\0\x0cJXL ", "JPEG XL, which is not read"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000, which is not read"),
    (b"8BPS", "Photoshop, which is not read"),
    (b"%PDF", "PDF, which is not read"),
    (b"\0\0\x01\0", "an icon, which is not read"),
    *((start, ARCHIVE) for start in (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")),
    *(
        (start, "a TIFF of a kind that Pillow cannot read")
        for start in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
    ),
)


@cache
def formats() -> tuple[str, ...]:
    """Pillow's names of the formats that are read here and now."""
    avif = ("AVIF",) if features.check("avif") else ()
    return (*_ALWAYS, *avif, *(("HEIF",) if _has_heic() else ()))


def formats_in_words() -> str:
    """The formats that are read here and now, for a message."""
    names = ["HEIC" if name == "HEIF" else name for name in formats()]
    return f"{', '.join(names[:-1])} and {names[-1]}".replace("WEBP", "WebP")


def _has_heic() -> bool:
    try:
        plug_in = importlib.import_module("pillow_heif")
    except ImportError:
        return False
    plug_in.register_heif_opener()
    return "HEIF" in Image.OPEN


def unknown_in_words(content: bytes, name: str) -> str:
    """What a file is that Pillow does not take for a picture, from its content or its suffix.

    Example:
        >>> unknown_in_words(b"version https://git-lfs.github.com/spec/v1", "cat/0.jpg")
        'a Git LFS pointer, not the file itself'
        >>> unknown_in_words(b"...", "cat/0.psd")
        'Photoshop, which is not read'
    """
    if content[4:8] == b"ftyp":
        if content[8:12] in _HEIC_BRANDS:
            return "HEIC that cannot be decoded" if "HEIF" in formats() else NEEDS_PLUG_IN
        if content[8:12] in _AVIF_BRANDS:
            can = "AVIF" in formats()
            return "AVIF that cannot be decoded" if can else "AVIF, which this Pillow cannot read"
    for start, words in _FIRST_BYTES:
        if content.startswith(start):
            return words
    if content[257:262] == b"ustar":
        return ARCHIVE
    text = content[:256].lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return WEB_PAGE
    if b"<svg" in text:
        return "SVG, which is not read"
    kind = _NOT_READ.get(PurePosixPath(name).suffix.lower())
    return f"{kind}, which is not read" if kind else _NO_PICTURE
