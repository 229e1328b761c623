"""The public files that ``sweep`` can fetch: where each comes from, and where it lies in the cache.

Nothing here is fetched by looking at it; ``fetch_dogs_vs_cats`` and ``fetch_weights`` are called
by whoever has decided that a download is wanted.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sweep.util.progress import Progress, silent


@dataclass(frozen=True)
class PublicFile:
    """A file on the network whose content is known beforehand.

    Attributes:
        title: what progress and messages call it.
        url: where it comes from.
        size_bytes: its size.
        checksum: ``sha256:`` or ``md5:`` and the hexadecimal digest.
        folder: where it lies in the cache.
    """

    title: str
    url: str
    size_bytes: int
    checksum: str
    folder: str

    def place(self, cache: Path) -> Path:
        """Where it lies, once it has been fetched."""
        return cache / self.folder / self.url.rpartition("/")[2]

    def is_there(self, cache: Path) -> bool:
        """Whether it has been fetched. Its checksum was right then; ``is_whole`` looks again."""
        place = self.place(cache)
        return place.is_file() and place.stat().st_size == self.size_bytes

    def is_whole(self, cache: Path) -> bool:
        """Whether it is there with the right content; reads all of it."""
        if not self.is_there(cache):
            return False
        algorithm, _, expected = self.checksum.partition(":")
        with self.place(cache).open("rb") as file:
            return hashlib.file_digest(file, algorithm).hexdigest() == expected


DOGS_VS_CATS = PublicFile(
    title="Dogs vs. Cats",
    url="https://download.microsoft.com/download/3/E/1/3E1C3F21-ECDB-4869-8368-6DEBA77B919F/"
    "kagglecatsanddogs_5340.zip",
    size_bytes=824_887_076,
    checksum="sha256:b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9",
    folder="pictures",
)
"""Microsoft's archive of 25,000 pictures. Checksum as in TensorFlow Datasets' ``cats_vs_dogs``."""

CIFAR_10 = PublicFile(
    title="CIFAR-10",
    url="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    size_bytes=170_498_071,
    checksum="sha256:6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    folder="pictures",
)
"""Its author's archive of 60,000 pictures. Address and checksum as in ``keras.datasets``."""

_KERAS = "https://storage.googleapis.com/tensorflow/keras-applications"
WEIGHTS = {
    "vgg16": PublicFile(
        title="VGG16's ImageNet weights",
        url=f"{_KERAS}/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        size_bytes=58_889_256,
        checksum="md5:6d6bbae143d832006294945121d1f1fc",
        folder="weights",
    ),
    "vgg19": PublicFile(
        title="VGG19's ImageNet weights",
        url=f"{_KERAS}/vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
        size_bytes=80_134_624,
        checksum="md5:253f8cb515780f3b799900260a226db6",
        folder="weights",
    ),
}
"""By backbone; addresses and checksums as in ``keras.applications``."""


def fetch_dogs_vs_cats(cache: Path, progress: Progress = silent) -> Path:
    """The archive in the cache, downloaded if it is not there yet.

    Raises:
        DownloadError, CacheError: see ``download.download``.
    """
    return fetch(DOGS_VS_CATS, cache, progress)


def fetch_weights(backbone: str, cache: Path, progress: Progress = silent) -> Path:
    """The ImageNet weights of ``vgg16`` or ``vgg19``, downloaded if they are not there yet.

    Raises:
        DownloadError, CacheError: see ``download.download``.
    """
    return fetch(WEIGHTS[backbone], cache, progress)


def fetch(public: PublicFile, cache: Path, progress: Progress = silent) -> Path:
    """The file in the cache, downloaded if it is not there yet.

    Raises:
        DownloadError, CacheError: see ``download.download``.
    """
    from sweep.data.download import download  # httpx is only needed where something is missing

    target = public.place(cache)
    if not public.is_there(cache):
        download(
            public.url, target, size=public.size_bytes, checksum=public.checksum, progress=progress
        )
    return target
