"""The public pictures and weights in the cache, and whether each is whole."""

from pathlib import Path

from sweep.data.fetch import DOGS_VS_CATS, WEIGHTS, PublicFile

PUBLIC_FILES = (DOGS_VS_CATS, WEIGHTS["vgg16"])
"""What the built-in studies are trained on, and all that they ever download."""

DAMAGED = "damaged"


def fault_of(file: PublicFile, cache: Path) -> str | None:
    """What is wrong with a public file, in a word or two; None if it is whole. Reads all of it."""
    try:
        if file.is_whole(cache):
            return None
        return DAMAGED if file.place(cache).exists() else "missing"
    except OSError as error:
        return (error.strerror or str(error)).lower()
