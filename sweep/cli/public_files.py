"""The public pictures and weights in the cache, and whether each is whole."""

from pathlib import Path

from sweep.data.fetch import CIFAR_10, DOGS_VS_CATS, WEIGHTS, PublicFile
from sweep.errors import UsageError
from sweep.util.nearest import did_you_mean

BY_NAME = {
    "dogs-vs-cats": DOGS_VS_CATS,
    "vgg16": WEIGHTS["vgg16"],
    "vgg19": WEIGHTS["vgg19"],
    "cifar-10": CIFAR_10,
}
"""All that can be downloaded, by what ``sweep data fetch`` calls it."""
USUAL = ("dogs-vs-cats", "vgg16")
"""What most of the built-in studies are trained on."""
PUBLIC_FILES = tuple(BY_NAME[name] for name in USUAL)

DAMAGED = "damaged"


def fault_of(file: PublicFile, cache: Path) -> str | None:
    """What is wrong with a public file, in a word or two; None if it is whole. Reads all of it."""
    try:
        if file.is_whole(cache):
            return None
        return DAMAGED if file.place(cache).exists() else "missing"
    except OSError as error:
        return (error.strerror or str(error)).lower()


def named(names: list[str]) -> list[PublicFile]:
    """The files of these names; without any, the usual ones.

    Raises:
        UsageError: there is no file of such a name.
    """
    for name in names:
        if name not in BY_NAME:
            raise UsageError(
                f"no public file {name!r}{did_you_mean(name, BY_NAME)}",
                rule=f"There are {', '.join(BY_NAME)}.",
                remedy=f"Name one of them, or none for {' and '.join(USUAL)}.",
            )
    return [BY_NAME[name] for name in dict.fromkeys(names or USUAL)]
