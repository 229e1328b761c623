"""Where the weights of a backbone lie: in the cache, behind a download, or where the user says."""

from pathlib import Path

from sweep.data.fetch import WEIGHTS, fetch_weights
from sweep.errors import UsageError, WeightsError
from sweep.tasks.task import Places
from sweep.util.paths import as_typed, typed_path
from sweep.util.progress import Progress


def weights_file(
    study: str, backbone: str, kind: str, places: Places, progress: Progress
) -> Path | None:
    """The file of a backbone's weights; None where they are drawn, or left to Keras.

    Args:
        study: its name, for the error.
        backbone: ``vgg16``, …
        kind: ``imagenet``, ``random`` or ``file``.
        places: where things are.
        progress: is told of a download.

    Raises:
        UsageError: they come from a file, and none is named.
        WeightsError: they are not in the cache, and must not be fetched or cannot be.
    """
    if kind == "random":
        return None
    if kind == "imagenet":
        if backbone not in WEIGHTS:
            return None  # Keras finds or fetches them when features are computed
        public = WEIGHTS[backbone]
        if not places.download and not public.is_there(places.cache):
            raise WeightsError(
                f"the ImageNet weights of {backbone.upper()} are not in the cache: no "
                f"{as_typed(public.place(places.cache))}",
                remedy="Fetch them with `sweep data fetch`, or name a file with --weights PATH.",
            )
        return fetch_weights(backbone, places.cache, progress)
    if places.weights is None:
        raise UsageError(
            f"no --weights: {study} takes its weights from a file",
            remedy="Pass --weights PATH.",
        )
    return typed_path(places.weights)
