"""The job that every rival is given: heads on made features, with the same labels and weights.

    python -m tests.benchmarks.job FOLDER [--features 25088 …]

It lies in a folder, as a cache of features does: float16 on the disk, to be mapped. The features
are noise, cut off so that 86 % are 0, as of VGG16's (measured on pictures of Dogs vs. Cats), around
two means, one a class, so that training learns something and results can be compared. Learning
rates are small: at those that a study asks for, rounding alone grows within a few epochs to
differences that are as large as those between two seeds. A step takes the same time at every rate.

Legend: P learning rates, N pictures (for training first), F features, H hidden units, E epochs.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from sweep.study.axis import log_spaced

SEED = 0
ROWS_AT_ONCE = 250
ZEROS = 0.858
"""The share of features that are 0."""
SIGNAL = 3.0
"""Distance of each class's mean from the middle, in standard deviations of the noise."""


@dataclass(frozen=True)
class Job:
    """What is trained.

    Attributes:
        features: F.
        hidden_units: H.
        batch_size: pictures a step; an epoch's last step has what is left.
        train_count: pictures to train on.
        valid_count: pictures to validate with after every epoch.
        epochs: E, at least 2: the first is the warm-up.
        learning_rates: one a trial.
        optimizer: ``adam`` or ``radam``, with Keras' defaults.
    """

    features: int = 25_088
    hidden_units: int = 256
    batch_size: int = 64
    train_count: int = 2_000
    valid_count: int = 500
    epochs: int = 3
    learning_rates: Sequence[float] = log_spaced(1e-6, 3e-5, 7)
    optimizer: str = "adam"

    @property
    def pictures(self) -> int:
        """N."""
        return self.train_count + self.valid_count

    @property
    def steps_per_epoch(self) -> int:
        """Of one trial."""
        return -(-self.train_count // self.batch_size)


@dataclass(frozen=True)
class Made:
    """What a job's folder holds.

    Attributes:
        folder: its path.
        job: the job.
        features_NF: float16, mapped from the disk.
        labels_N: 0 or 1, uint8.
        kernel_FH, bias_H, out_kernel_H1, out_bias_1: what every trial starts from, float32.
        order_EN: of the training pictures in every epoch.
    """

    folder: Path
    job: Job
    features_NF: NDArray[np.float16]
    labels_N: NDArray[np.uint8]
    kernel_FH: NDArray[np.float32]
    bias_H: NDArray[np.float32]
    out_kernel_H1: NDArray[np.float32]
    out_bias_1: NDArray[np.float32]
    order_EN: NDArray[np.int64]

    @property
    def weights(self) -> list[NDArray[np.float32]]:
        """As Keras' ``set_weights`` takes them."""
        return [self.kernel_FH, self.bias_H, self.out_kernel_H1, self.out_bias_1]

    @property
    def train(self) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
        """Features and labels to train on."""
        count = self.job.train_count
        return self.features_NF[:count], self.labels_N[:count]

    @property
    def valid(self) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
        """Features and labels to validate with."""
        count = self.job.train_count
        return self.features_NF[count:], self.labels_N[count:]


def make(folder: Path, job: Job) -> None:
    """Write what ``read`` reads; weights and orders are those of our own first seed."""
    from sweep.training.keras_runtime import load_keras

    load_keras("tensorflow")
    from sweep.training.loop import example_order
    from sweep.training.stacked_heads import initial_weights

    labels_N = (np.arange(job.pictures) % 2).astype(np.uint8)
    write_features(folder / "features.npy", labels_N, job.features)
    np.save(folder / "labels.npy", labels_N)
    kernel, bias, out_kernel, out_bias = initial_weights(SEED, job.features, job.hidden_units)
    orders = [example_order(SEED, epoch + 1, job.train_count) for epoch in range(job.epochs)]
    np.savez(
        folder / "start.npz",
        kernel=kernel,
        bias=bias,
        out_kernel=out_kernel,
        out_bias=out_bias,
        order=np.stack(orders),
    )
    (folder / "job.json").write_text(json.dumps(asdict(job)))


def write_features(path: Path, labels_N: NDArray[np.uint8], count: int) -> None:
    """Made features (N, F), float16, a few rows at a time."""
    random = np.random.default_rng(SEED)
    direction_F = random.choice([-1, 1], count).astype(np.float32) * SIGNAL / np.sqrt(count)
    cut = np.float32(NormalDist().inv_cdf(ZEROS))
    shape = (len(labels_N), count)
    features_NF = np.lib.format.open_memmap(path, "w+", np.float16, shape)
    for start in range(0, len(labels_N), ROWS_AT_ONCE):
        sign = 2.0 * labels_N[start : start + ROWS_AT_ONCE, None].astype(np.float32) - 1
        rows = random.standard_normal((len(sign), count), np.float32) + sign * direction_F
        features_NF[start : start + ROWS_AT_ONCE] = np.maximum(rows - cut, 0)
    features_NF.flush()


def read(folder: Path, optimizer: str = "adam", trials: int | None = None) -> Made:
    """The job in a folder, for one optimizer and its first learning rates; None for all."""
    job = Job(**json.loads((folder / "job.json").read_text()))
    job = replace(job, optimizer=optimizer, learning_rates=job.learning_rates[:trials])
    start = np.load(folder / "start.npz")
    return Made(
        folder=folder,
        job=job,
        features_NF=np.load(folder / "features.npy", mmap_mode="r"),
        labels_N=np.load(folder / "labels.npy"),
        kernel_FH=start["kernel"],
        bias_H=start["bias"],
        out_kernel_H1=start["out_kernel"],
        out_bias_1=start["out_bias"],
        order_EN=start["order"],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    sizes = ("features", "hidden_units", "batch_size", "train_count", "valid_count", "epochs")
    for name in sizes:
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, type=int, default=getattr(Job, name))
    parser.add_argument("--learning-rates", type=float, nargs="+", default=Job.learning_rates)
    asked = vars(parser.parse_args())
    make(asked.pop("folder"), Job(**asked))


if __name__ == "__main__":
    main()
