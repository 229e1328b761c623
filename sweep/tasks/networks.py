"""A study of a network with the data that is there: as it is asked for, or on rendered pets.

In the flow: ``resolve`` asks for it; ``end_to_end`` is the task.
"""

from dataclasses import replace

from sweep.errors import DataError, MissingError, UsageError, WeightsError
from sweep.study.networks import Network
from sweep.study.study import Study
from sweep.study.tasks import DOGS_VS_CATS, RENDERED_PETS
from sweep.tasks import end_to_end
from sweep.tasks.end_to_end import EndToEnd
from sweep.tasks.task import Places
from sweep.util.progress import Progress, silent


def resolve(
    study: Study, network: Network, places: Places, progress: Progress = silent
) -> EndToEnd:
    """The study with the data of its network.

    Where a study of pictures names neither data nor weights, and the public ones can be neither
    found nor downloaded, it is taken on rendered pets instead, with a notice that says so.

    Raises:
        DataError, WeightsError: something named is missing or unusable.
        StudyError: the user's own code cannot be found or fails.
        UsageError: the options contradict each other, or an axis is none of the task's.
    """
    if network.data != "pictures":
        return end_to_end.resolve(study, network, places, progress)
    if RENDERED_PETS in (places.data, study.pictures.dataset):
        return _on_pets(study, places, progress)
    try:
        return end_to_end.resolve(study, network, places, progress)
    except MissingError as error:
        asked = places.data or places.weights or study.pictures.dataset != DOGS_VS_CATS
        if asked or not isinstance(error, DataError | WeightsError):
            raise
        return replace(_on_pets(study, places, progress), notice=_notice(study, error))


def _on_pets(study: Study, places: Places, progress: Progress) -> EndToEnd:
    if places.weights not in (None, "random"):
        raise UsageError(
            f"--weights {places.weights} with rendered pets",
            rule="They go through a small network with random weights.",
            remedy="Leave --weights out, or name pictures with --data.",
        )
    drawn = study if study.pictures.dataset == RENDERED_PETS else study.on_rendered_pets()
    assert isinstance(drawn.task, Network)
    here = replace(places, data=RENDERED_PETS, weights=None)
    return end_to_end.resolve(drawn, drawn.task, here, progress)


def _notice(study: Study, error: MissingError) -> str:
    pets = study.on_rendered_pets()
    network = pets.task.model if isinstance(pets.task, Network) else ""
    return (
        f"{study.name} asks for public pictures or weights, which are not here and could not be "
        f"fetched:\n{error}\n\n"
        "So this run takes RENDERED PETS, pictures of cats and dogs that the program draws, with "
        f"the network {network}, under the name {pets.name}.\n"
        "For the real pictures: sweep data fetch, or --data PATH."
    )
