"""What a program of the user's own reports of its trial: lines, read and checked. Pure.

Under ``processes``: a line becomes an epoch, or an error that says what is wrong with it.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sweep.util.nearest import did_you_mean

NEEDED = ("epoch", "train_loss", "valid_metric")
OPTIONAL = ("train_metric", "valid_loss", "effective_learning_rate")
SHOWN = 80
"""So many characters of a line are shown in an error."""


class ReportError(Exception):
    """A report is wrong: how, in words."""


@dataclass(frozen=True)
class Report:
    """What is known of an epoch; what was not reported is NaN."""

    epoch: int
    train_loss: float
    valid_metric: float
    train_metric: float = math.nan
    valid_loss: float = math.nan
    effective_learning_rate: float = math.nan
    has_diverged: bool = False


UNKNOWN = Report(0, math.nan, math.nan)
"""Before training, where nothing is reported of it."""


@dataclass
class Reports:
    """The reports of one trial, in their order.

    Attributes:
        epochs: so many it trains.
        last: the last epoch that was reported; None before the first.
    """

    epochs: int
    last: Report | None = None
    _lines: int = field(default=0, init=False)

    @property
    def is_complete(self) -> bool:
        """Whether the last epoch was reported, or the one in which it diverged."""
        return self.last is not None and (self.last.has_diverged or self.last.epoch == self.epochs)

    def read(self, line: str) -> list[Report]:
        """The epochs that a line reports, with epoch 0 before the first; none of mere output.

        Raises:
            ReportError: it is wrong.
        """
        self._lines += 1
        said = _object(line)
        if said is None:
            self._check_output(line)
            return []
        try:
            report = _report(said)
            self._check_order(report.epoch)
        except ReportError as error:
            raise ReportError(f"line {self._lines}: {error}: {_short(line)}") from None
        before = [UNKNOWN] if self.last is None and report.epoch == 1 else []
        self.last = report
        return [*before, report]

    def missing(self) -> str:
        """What is wrong with a trial that ended without all its epochs, in words."""
        done = self.last.epoch if self.last else 0
        said = f"{done} of {self.epochs} epochs were reported" if done else "no epoch was reported"
        return f"the program ended, but {said}"

    def _check_output(self, line: str) -> None:
        """Refuse what was meant as a report, such as a dictionary as Python prints it."""
        text = line.strip()
        if text.startswith("{") and "valid_metric" in text:
            raise ReportError(f"line {self._lines} is no JSON: {_short(line)}")

    def _check_order(self, epoch: int) -> None:
        last = -1 if self.last is None else self.last.epoch
        if epoch > self.epochs:
            raise ReportError(f"epoch {epoch} of a trial of {self.epochs}")
        if self.last is None and epoch not in (0, 1):
            raise ReportError(
                f"epoch {epoch} comes first; the first one is 1, or 0 before training"
            )
        if self.last is not None and epoch != last + 1:
            twice = " again" if epoch <= last else ""
            raise ReportError(f"epoch {epoch} comes{twice} after epoch {last}")


def _object(line: str) -> Mapping[str, Any] | None:
    """The JSON object that a line is; None of any other line."""
    if not line.lstrip().startswith("{"):
        return None
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _report(said: Mapping[str, Any]) -> Report:
    for name in NEEDED:
        if name not in said:
            near = did_you_mean(name, [key for key in said if key not in NEEDED])
            raise ReportError(f"{name} is missing{near.replace('did you mean', 'is it')}")
    epoch = _number("epoch", said["epoch"])
    if not epoch.is_integer() or epoch < 0:
        raise ReportError(f"epoch {said['epoch']} is no whole number, 0 or more")
    figures = {
        name: _number(name, said[name])
        for name in (*NEEDED[1:], *OPTIONAL)
        if name in NEEDED or said.get(name) is not None
    }
    counted = (figures.get(name, 0.0) for name in ("train_loss", "valid_metric", "valid_loss"))
    has_diverged = epoch > 0 and not all(map(math.isfinite, counted))
    return Report(epoch=int(epoch), **figures, has_diverged=has_diverged)


def _number(name: str, value: Any) -> float:
    """A JSON number, or what JSON has no number for: ``"NaN"``, ``"Infinity"``."""
    try:
        if not isinstance(value, bool | None):
            return float(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ReportError(f"{name} is no number")


def _short(line: str) -> str:
    text = line.strip()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
