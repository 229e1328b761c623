"""How a rival's process is measured, and what it tells.

A rival is a module with ``main(train)`` at its end, where ``train`` takes what the job's folder
holds (``Made``) and returns one ``Training`` for each of its trainings: one of one trial, or one of
all at once.

    python -m tests.benchmarks.rivals.NAME FOLDER [--optimizer adam] [--trials 7]

prints one JSON line, ``Told``. An epoch's seconds are those of its steps and of the validation
after it. The first epoch of every training is left out of "seconds a trial and epoch", as it
compiles and takes memory for the first time.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.job import Made, read

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Training:
    """One training, of one trial or of several at once.

    Attributes:
        epoch_seconds: of each epoch with the validation after it.
        processor_seconds: the same, of all threads of its process added up.
        valid_loss: after the last epoch, of each of its trials.
        valid_accuracy: the same.
    """

    epoch_seconds: Sequence[float]
    processor_seconds: Sequence[float]
    valid_loss: Sequence[float]
    valid_accuracy: Sequence[float]


@dataclass(frozen=True)
class Told:
    """What a rival's process tells.

    Attributes:
        seconds: a trial and epoch, without every training's first epoch.
        processor_seconds: the same, of all threads added up; on a machine that others use too it
            is the steadier of the two.
        valid_loss, valid_accuracy: after the last epoch, by learning rate.
        peak_bytes: the most memory that the process held, and its helpers, added up.
    """

    seconds: float
    processor_seconds: float
    valid_loss: Sequence[float]
    valid_accuracy: Sequence[float]
    peak_bytes: int


class Epochs:
    """A watch for the epochs of one training; it begins when it is made.

    Attributes:
        seconds: of every epoch that has ended.
        processor_seconds: the same.
    """

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.processor_seconds: list[float] = []
        self._begin = _now()

    def ended(self) -> None:
        """An epoch with its validation has ended; the next begins."""
        now = _now()
        self.seconds.append(now[0] - self._begin[0])
        self.processor_seconds.append(now[1] - self._begin[1])
        self._begin = now

    def training(self, valid_loss: Sequence[float], valid_accuracy: Sequence[float]) -> Training:
        """What to tell of the training that has ended."""
        return Training(
            epoch_seconds=self.seconds,
            processor_seconds=self.processor_seconds,
            valid_loss=[float(value) for value in valid_loss],
            valid_accuracy=[float(value) for value in valid_accuracy],
        )


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def told(trainings: Sequence[Training], side_by_side: float = 1, peaks: int | None = None) -> Told:
    """What to print of a rival's trainings.

    Args:
        trainings: in the order of the learning rates.
        side_by_side: how many ran at the same time.
        peaks: peak memory of all its processes in bytes; None where it has but this one.
    """
    trial_epochs = sum(len(each.valid_loss) * (len(each.epoch_seconds) - 1) for each in trainings)

    def mean(epochs: Callable[[Training], Sequence[float]]) -> float:
        return sum(sum(epochs(each)[1:]) for each in trainings) / trial_epochs

    return Told(
        seconds=mean(lambda each: each.epoch_seconds) / side_by_side,
        processor_seconds=mean(lambda each: each.processor_seconds),
        valid_loss=[value for each in trainings for value in each.valid_loss],
        valid_accuracy=[value for each in trainings for value in each.valid_accuracy],
        peak_bytes=peaks or peak_bytes(),
    )


def peak_bytes() -> int:
    """The most memory that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main(train: Callable[[Made], Told | Sequence[Training]]) -> None:
    """Measure one rival and print what it tells as the last line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--optimizer", default="adam")
    parser.add_argument("--trials", type=int, help="the first so many learning rates; else all")
    asked = parser.parse_args()
    done = train(read(asked.folder, asked.optimizer, asked.trials))
    print(json.dumps(asdict(done if isinstance(done, Told) else told(done))))
