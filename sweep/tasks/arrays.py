"""Examples as arrays: what a network trains on, built in or the user's own.

``load_examples`` finds the loader of a data set by its name; each loader is a module of ``data``
or a function of the user's own.
"""

from sweep.data.cifar10 import load_cifar10
from sweep.data.digits import load_digits
from sweep.data.examples import Examples
from sweep.data.fetch import fetch_dogs_vs_cats
from sweep.data.pictures import find_pictures
from sweep.data.pixels import picture_examples
from sweep.errors import UsageError
from sweep.study.networks import Network
from sweep.study.study import Study
from sweep.study.tasks import DOGS_VS_CATS
from sweep.tasks.own_data import own_examples
from sweep.tasks.task import Places
from sweep.util.progress import Progress

__all__ = ["Examples", "load_examples"]


def load_examples(study: Study, network: Network, places: Places, progress: Progress) -> Examples:
    """The examples that a network trains on.

    Args:
        study: says which pictures, where those are the data.
        network: says what the data is.
        places: where things are; ``--data`` may say where pictures or CIFAR-10 are.
        progress: told of downloads, checks and reading.

    Raises:
        MissingError: they are not here, damaged, or cannot be read.
        StudyError: the user's function cannot be imported, or does not return what it should.
        UsageError: ``--data`` names other data.
    """
    if network.data == "pictures":
        return _pictures(study, network, places, progress)
    if network.data == "cifar-10":
        return load_cifar10(places.data, places.cache, download=places.download, progress=progress)
    if places.data is not None:
        raise UsageError(
            f"--data {places.data}, and {study.name} trains on {network.data}",
            rule="A study's data is a part of its question.",
            remedy="Leave --data out, or change data=… in the study's file.",
        )
    return load_digits() if network.data == "digits" else own_examples(network.data, progress)


def _pictures(study: Study, network: Network, places: Places, progress: Progress) -> Examples:
    place = places.data
    if place is None and study.pictures.dataset != DOGS_VS_CATS:
        place = study.pictures.dataset
    if place in (None, DOGS_VS_CATS) and places.download:
        fetch_dogs_vs_cats(places.cache, progress)
    found = find_pictures(study.pictures, place, cache=places.cache, progress=progress)
    return picture_examples(found, network.image_size, cache=places.cache, progress=progress)
