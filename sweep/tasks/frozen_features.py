"""The task of a head on the features of a frozen backbone: its pictures, weights and features.

In the flow: ``runner`` resolves a study to it; pictures and weights are found, here or by download,
and the hash of their content is the task's key. Its features are computed once, when loaded.

Legend: N pictures, F features.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sweep.data.fetch import fetch_dogs_vs_cats
from sweep.data.pictures import PictureSet, find_pictures
from sweep.errors import DataError, MemoryShortError, MissingError, UsageError, WeightsError
from sweep.planning.trials import Trial
from sweep.results.provenance import DatasetInfo, WeightsInfo
from sweep.study.extension import as_begun, kept_in_words
from sweep.study.rendered import EARLIER
from sweep.study.study import Study
from sweep.study.tasks import DOGS_VS_CATS, RENDERED_PETS
from sweep.tasks.backbones import feature_count, weights_info
from sweep.tasks.features import (
    Features,
    Scaled,
    cached_features,
    features_key,
    have_features,
    load_or_compute,
)
from sweep.tasks.places import weights_file
from sweep.tasks.precision import slow_in_words, with_precision
from sweep.tasks.task import Places, Sizes, TrainingData, check_axes
from sweep.util.hashing import digest
from sweep.util.machine import Machine
from sweep.util.progress import Progress, silent

MIRROR_RULE = 1
"""Raised when the same seed would draw other mirror images, so that no old result is reused."""

HYPERPARAMETERS = frozenset({"hidden_units"})
"""The task's own, beside those of every task."""


@dataclass(frozen=True)
class FrozenFeatures:
    """A ``Task``: a head of one hidden layer on the features of a frozen backbone.

    Attributes:
        study: as asked for, or on rendered pets; the precision of its features is decided.
        pictures: that it is about.
        weights: what the backbone's weights are.
        weights_file: theirs; None for random ones.
        cache: the cache folder, for the features.
        notice: what the user should know, if something else was taken than asked for.
    """

    study: Study
    pictures: PictureSet
    weights: WeightsInfo
    weights_file: Path | None
    cache: Path
    notice: str | None = None

    @property
    def key(self) -> str:
        """Hash of pictures, split, image size, backbone, weights, precision and augmentation."""
        if not self.study.pictures.flips:
            return self._features_key()
        return digest({"features": self.features_keys, "mirrored": MIRROR_RULE})

    @property
    def features_keys(self) -> list[str]:
        """Of all the features that it has: of the pictures, and of their mirror images."""
        mirrored = [self._features_key(are_mirrored=True)] if self.study.pictures.flips else []
        return [self._features_key(), *mirrored]

    def _features_key(self, *, are_mirrored: bool = False) -> str:
        content, weights = self.dataset.content_hash, self.weights.content_hash
        return features_key(content, self.study.model, weights, are_mirrored=are_mirrored)

    @property
    def dataset(self) -> DatasetInfo:
        """The account of the pictures."""
        return self.pictures.account

    @property
    def code(self) -> dict[str, str]:
        """None: backbones and heads are built in."""
        return {}

    def sizes(self, trials: Sequence[Trial]) -> Sizes:
        """Of features and heads."""
        variants = len(self.features_keys)
        return sizes(len(self.pictures), feature_count(self.study.model), trials, variants)

    def cached(self) -> Features | None:
        """The features of the pictures as they are, where they are in the cache."""
        return cached_features(self.features_keys[0], self.cache)

    def load(self, load_keras: Callable[[], None], progress: Progress) -> TrainingData:
        """The features, from the cache or computed, with the labels.

        Those of mirror images come after the others, in one array that is in memory.
        """
        keys = self.features_keys
        features = self._features(keys[0], load_keras, progress)
        if self.study.pictures.flips:
            as_they_are = Scaled(self.pictures, features)
            mirrored = self._features(keys[1], load_keras, progress, mirror_of=as_they_are)
            features = _in_memory(features, mirrored)
        return TrainingData(
            features,
            self.pictures.labels,
            self.pictures.train_count,
            len(self.dataset.class_names),
            self.pictures.by_seed,
        )

    def _features(
        self,
        key: str,
        load_keras: Callable[[], None],
        progress: Progress,
        mirror_of: Scaled | None = None,
    ) -> Features:
        """Of the pictures, or of the mirror images of some."""
        found = cached_features(key, self.cache)
        if found is not None:
            return found
        load_keras()
        return load_or_compute(
            self.pictures.mirrored() if mirror_of else self.pictures,
            self.study.model,
            self.weights_file,
            key,
            cache=self.cache,
            progress=progress,
            mirror_of=mirror_of,
        )


def _in_memory(features: Features, mirrored: Features) -> Features:
    """Both, one after the other, as one array.

    Raises:
        MemoryShortError: they do not fit.
    """
    try:
        return np.concatenate([np.asarray(features), np.asarray(mirrored)])
    except MemoryError as error:
        raise MemoryShortError(
            f"{2 * features.nbytes / 1e9:.1f} GB of features, of pictures and their mirror images, "
            "do not fit into memory",
            rule="All examples are in memory while a run trains.",
            remedy="Take fewer of them (--pictures), leave --flips out, or take a machine with "
            "more memory.",
        ) from error


def sizes(examples: int, feature_count: int, trials: Sequence[Trial], variants: int = 1) -> Sizes:
    """Of N examples with F features each, kept in float16, and of the largest of the heads.

    Args:
        examples: N.
        feature_count: F.
        trials: of the plan.
        variants: so many features of each example are kept: 2 with those of mirror images.
    """
    hidden_units = max(trial.config.hidden_units or 0 for trial in trials)
    return Sizes(
        examples=examples,
        data_bytes=2 * variants * examples * feature_count,
        example_bytes=4 * feature_count,
        weights_bytes=4 * feature_count * hidden_units,
    )


Stored = Callable[[str], Study | None]
"""The store's study of a name; None where it has none."""


def resolve(
    study: Study,
    places: Places,
    progress: Progress = silent,
    stored: Stored = lambda _: None,
    machine: Machine | None = None,
) -> FrozenFeatures:
    """The study with everything that it is trained on.

    Where neither data nor weights are named and they can be neither found nor downloaded, the
    study is taken on rendered pets instead, with a notice that says so. A study that the store has
    is taken by the defaults that it was begun with, with a notice too. A precision that is left to
    the machine is decided here.

    Args:
        study: as it is asked for.
        places: where things are.
        progress: is told of downloads and of the checking of pictures.
        stored: what the store has.
        machine: that computes the features; None for this one with TensorFlow.

    Raises:
        DataError, WeightsError: something named is missing or unusable.
        UsageError: the options contradict each other, or an axis is none of the task's.
    """
    check_axes(study, "a head on frozen features", HYPERPARAMETERS)
    machine = machine or Machine()
    if RENDERED_PETS in (places.data, study.pictures.dataset):
        return _rendered_pets(study, places, progress, stored, machine)
    try:
        return _as_asked(study, places, progress, stored, machine)
    except MissingError as error:
        asked = places.data or places.weights or study.pictures.dataset != DOGS_VS_CATS
        if asked or not isinstance(error, DataError | WeightsError):
            raise
        pets = _rendered_pets(study, places, progress, stored, machine)
        return replace(pets, notice=_joined(_notice(study, error), pets.notice))


def _as_asked(
    asked: Study, places: Places, progress: Progress, stored: Stored, machine: Machine
) -> FrozenFeatures:
    study = with_precision(as_begun(stored(asked.name), asked), machine)
    study = _with_weights(study, places.weights)
    place = places.data
    if place is None and study.pictures.dataset != DOGS_VS_CATS:
        place = study.pictures.dataset
    if place in (None, DOGS_VS_CATS) and places.download:
        fetch_dogs_vs_cats(places.cache, progress)
    pictures = find_pictures(study.pictures, place, cache=places.cache, progress=progress)
    model = study.model
    weights = weights_file(study.name, model.backbone, model.weights, places, progress)
    info = weights_info(study.model, weights)
    task = FrozenFeatures(study, pictures, info, weights, places.cache)
    return _with_notice(task, machine, kept_in_words(asked, study))


def _rendered_pets(
    study: Study, places: Places, progress: Progress, stored: Stored, machine: Machine
) -> FrozenFeatures:
    """The study on rendered pets, of which none looks like another: twins are not told of."""
    if places.weights not in (None, "random"):
        raise UsageError(
            f"--weights {places.weights} with rendered pets",
            rule="They go through a small base with random weights.",
            remedy="Leave --weights out, or name pictures with --data.",
        )
    if study.pictures.dataset != RENDERED_PETS:
        study = _drawn(study, stored)
    asked, study = study, with_precision(as_begun(stored(study.name), study), machine)
    pictures = find_pictures(study.pictures, RENDERED_PETS, cache=places.cache, progress=progress)
    task = FrozenFeatures(study, pictures, weights_info(study.model, None), None, places.cache)
    return _with_notice(task, machine, kept_in_words(asked, study, ("split",)))


def _with_notice(task: FrozenFeatures, machine: Machine, kept: str | None) -> FrozenFeatures:
    """The task with what the user should know of it."""
    are_there = all(have_features(key, task.cache) for key in task.features_keys)
    slow = None if are_there else slow_in_words(task.study, machine)
    return replace(task, notice=_joined(kept, slow) or None)


def _drawn(study: Study, stored: Stored) -> Study:
    """The study on rendered pets, of the proportions that the stored one was begun with."""
    drawn = study.on_rendered_pets()
    begun = stored(drawn.name)
    if begun is None or begun.model.image_size != EARLIER.image_size:
        return drawn
    return study.on_rendered_pets(EARLIER)


def _joined(*texts: str | None) -> str:
    return "\n\n".join(text for text in texts if text)


def _with_weights(study: Study, named: str | None) -> Study:
    if named is None:
        return study
    kind = named if named in ("imagenet", "random") else "file"
    return study.replace(model={**study.model.model_dump(), "weights": kind})


def _notice(study: Study, error: MissingError) -> str:
    return (
        f"{study.name} asks for Dogs vs. Cats with ImageNet weights, which are not here and "
        f"could not be fetched:\n{error}\n\n"
        "So this run takes RENDERED PETS, pictures of cats and dogs that the program draws, on a "
        f"small random base, under the name {study.on_rendered_pets().name}.\n"
        "For the real pictures: sweep data fetch, or --data PATH --weights PATH."
    )
