"""Finds what a study is trained on: its pictures and its backbone's weights, here or by download.

In the flow: ``runner`` asks for materials first; their hashes enter every trial's fingerprint.
"""

from dataclasses import dataclass
from pathlib import Path

from sweep.data.fetch import WEIGHTS, fetch_dogs_vs_cats, fetch_weights
from sweep.data.pictures import PictureSet, find_pictures
from sweep.errors import DataError, MissingError, UsageError, WeightsError
from sweep.planning.trials import Materials
from sweep.results.provenance import WeightsInfo
from sweep.study.study import Study
from sweep.study.tasks import DOGS_VS_CATS, RENDERED_PETS
from sweep.tasks.backbones import feature_count, weights_info
from sweep.tasks.features import features_key
from sweep.util.paths import typed_path
from sweep.util.progress import Progress, silent


@dataclass(frozen=True)
class Places:
    """Where the user says that things are, and whether they may be downloaded.

    Attributes:
        data: ``--data``: a path, ``dogs-vs-cats``, ``rendered-pets``, or None (find them).
        weights: ``--weights``: a path, ``imagenet``, ``random``, or None (the study's).
        cache: the cache folder.
        download: whether what is missing may be fetched.
    """

    data: str | None
    weights: str | None
    cache: Path
    download: bool = True


@dataclass(frozen=True)
class Found:
    """A study with everything it is trained on.

    Attributes:
        study: as asked for, or on rendered pets.
        pictures: training pictures first.
        weights: file of the backbone's weights; None for random ones.
        weights_info: what they are.
        notice: what the user should know, if something else was taken than asked for.
    """

    study: Study
    pictures: PictureSet
    weights: Path | None
    weights_info: WeightsInfo
    notice: str | None = None

    @property
    def materials(self) -> Materials:
        """What the plan needs to know."""
        account, model = self.pictures.account, self.study.model
        return Materials(
            features_key(account.content_hash, model, self.weights_info.content_hash),
            self.pictures.train_count,
            len(self.pictures) - self.pictures.train_count,
            feature_count(model),
        )


def find_materials(study: Study, places: Places, progress: Progress = silent) -> Found:
    """Everything that the study is trained on.

    Where neither data nor weights are named and they can be neither found nor downloaded, the
    study is taken on rendered pets instead, with a notice that says so.

    Raises:
        DataError, WeightsError: something named is missing or unusable.
        UsageError: the options contradict each other.
    """
    if RENDERED_PETS in (places.data, study.pictures.dataset):
        return _rendered_pets(study, places, progress)
    try:
        return _as_asked(study, places, progress)
    except MissingError as error:
        asked = places.data or places.weights or study.pictures.dataset != DOGS_VS_CATS
        if asked or not isinstance(error, DataError | WeightsError):
            raise
        pets = _rendered_pets(study.on_rendered_pets(), places, progress)
        return Found(
            pets.study, pets.pictures, pets.weights, pets.weights_info, _notice(study, error)
        )


def _as_asked(study: Study, places: Places, progress: Progress) -> Found:
    study = _with_weights(study, places.weights)
    place = places.data
    if place is None and study.pictures.dataset != DOGS_VS_CATS:
        place = study.pictures.dataset
    if place in (None, DOGS_VS_CATS) and places.download:
        fetch_dogs_vs_cats(places.cache, progress)
    pictures = find_pictures(study.pictures, place, cache=places.cache, progress=progress)
    weights = _weights(study, places, progress)
    return Found(study, pictures, weights, weights_info(study.model, weights))


def _rendered_pets(study: Study, places: Places, progress: Progress) -> Found:
    if places.weights not in (None, "random"):
        raise UsageError(
            "Rendered pets go through a small base with random weights.",
            got=f"--weights {places.weights}",
            remedy="Leave --weights out, or name pictures with --data.",
        )
    if study.pictures.dataset != RENDERED_PETS:
        study = study.on_rendered_pets()
    pictures = find_pictures(study.pictures, RENDERED_PETS, cache=places.cache, progress=progress)
    return Found(study, pictures, None, weights_info(study.model, None))


def _with_weights(study: Study, named: str | None) -> Study:
    if named is None:
        return study
    kind = named if named in ("imagenet", "random") else "file"
    return study.replace(model={**study.model.model_dump(), "weights": kind})


def _weights(study: Study, places: Places, progress: Progress) -> Path | None:
    model = study.model
    if model.weights == "random":
        return None
    if model.weights == "imagenet":
        public = WEIGHTS[model.backbone]
        if not places.download and not public.is_there(places.cache):
            raise WeightsError(
                f"The ImageNet weights of {model.backbone.upper()} are in the cache.",
                got=f"no {public.place(places.cache)}",
                remedy="Fetch them with sweep data fetch, or name a file with --weights PATH.",
            )
        return fetch_weights(model.backbone, places.cache, progress)
    if places.weights is None:
        raise UsageError(
            "A study whose weights come from a file needs that file.",
            got="no --weights",
            remedy="Pass --weights PATH.",
        )
    return typed_path(places.weights)


def _notice(study: Study, error: MissingError) -> str:
    return (
        f"{study.name} asks for Dogs vs. Cats with ImageNet weights, which are not here and "
        f"could not be fetched:\n{error}\n\n"
        "So this run takes RENDERED PETS, pictures of cats and dogs that the program draws, on a "
        f"small random base, under the name {study.on_rendered_pets().name}.\n"
        "For the real pictures: sweep data fetch, or --data PATH --weights PATH."
    )
