"""The task of a Keras model that is trained end to end.

In the flow: ``runner`` resolves a study to it. What the data is, is known by its content, so a
built-in data set or one of the user's own is read before anything is planned.

Legend: N examples (training first).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from sweep.errors import UsageError
from sweep.results.provenance import DatasetInfo, WeightsInfo
from sweep.study.networks import Network
from sweep.study.own_code import own_code
from sweep.study.study import Study
from sweep.tasks.arrays import Examples, load_examples
from sweep.tasks.places import weights_file
from sweep.tasks.task import Places, check_axes
from sweep.util.hashing import digest
from sweep.util.paths import printable
from sweep.util.progress import Progress, silent


@dataclass(frozen=True)
class NetworkData:
    """What networks train on.

    Attributes:
        network: the study's.
        examples: all of them.
        checkpoints: the folder of checkpoints.
        weights_file: of VGG's convolutions; None where they are drawn.
    """

    network: Network
    examples: Examples
    checkpoints: Path
    weights_file: Path | None = None

    @property
    def called(self) -> str:
        """What the large array holds, in words."""
        return "examples"

    @property
    def large(self) -> NDArray[Any]:
        """The array that takes the memory; see ``with_large``."""
        return self.examples.inputs_N

    def with_large(self, array: NDArray[Any]) -> "NetworkData":
        """The same with another one in its place, so that it can travel by itself."""
        return replace(self, examples=replace(self.examples, inputs_N=array))


@dataclass(frozen=True)
class EndToEnd:
    """A ``Task``: a Keras model, all of whose weights are trained.

    Attributes:
        study: as asked for.
        network: the study's task.
        examples: that it trains on.
        code: the files of the user's own, with the hash of each.
        cache: the cache folder, for checkpoints.
        weights: the account of VGG's convolutions; None where they are drawn from the seed.
        weights_file: theirs.
        notice: what the user should know.
    """

    study: Study
    network: Network
    examples: Examples = field(repr=False)
    code: dict[str, str]
    cache: Path
    weights: WeightsInfo | None = None
    weights_file: Path | None = None
    notice: str | None = None

    @property
    def key(self) -> str:
        """Hash of the network, its data and its code."""
        network = self.network.model_dump(mode="json", exclude={"metric"})
        said = {"content": self.examples.content_hash, "code": sorted(self.code.values())}
        if self.weights is not None:
            said["weights_content"] = self.weights.content_hash
        return digest(network | said)

    @property
    def dataset(self) -> DatasetInfo:
        """The account of the data."""
        return self.examples.account

    def load(
        self,
        load_keras: Callable[[], None],  # noqa: ARG002 - what every task is given
        progress: Progress,  # noqa: ARG002
    ) -> NetworkData:
        """The examples with the network's definition."""
        return NetworkData(
            self.network, self.examples, self.cache / "checkpoints", self.weights_file
        )


def resolve(
    study: Study, network: Network, places: Places, progress: Progress = silent
) -> EndToEnd:
    """The study with the data of its network.

    Raises:
        DataError: the data is not here.
        StudyError: the user's own code cannot be found or fails.
        UsageError: an axis is none of the task's.
    """
    check_axes(study, "a network trained end to end", ())
    if network.weights is not None and places.weights is not None:
        kind = places.weights if places.weights in ("imagenet", "random") else "file"
        network = Network.model_validate(network.model_dump() | {"weights": kind})
        study = study.replace(task=network)
    code: dict[str, str] = {}
    for path in network.own_paths:
        code |= own_code(path)
    path = _weights_file(study, network, places, progress)
    weights = None if path is None else _weights_info(network, path)
    examples = load_examples(study, network, places, progress)
    return EndToEnd(study, network, examples, code, places.cache, weights, path)


def _weights_info(network: Network, path: Path) -> WeightsInfo:
    from sweep.tasks.weights import check_weights, content_hash  # it reads HDF5

    check_weights(path, network.model)
    kind = "ImageNet" if network.weights == "imagenet" else "from a file"
    name = f"{network.model.upper()}, {kind}"
    return WeightsInfo(name, printable(path.name), content_hash(path, network.model))


def _weights_file(
    study: Study, network: Network, places: Places, progress: Progress
) -> Path | None:
    if network.weights is None:
        if places.weights is not None:
            raise UsageError(
                f"--weights {places.weights} has no effect: {study.name} draws its weights",
                remedy="Leave --weights out.",
            )
        return None
    return weights_file(study.name, network.model, network.weights, places, progress)
