"""Tables of results, as other programs and trackers write them."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

RATES = (0.001, 0.01, 0.1)
LABELS = ("adam", "sgd")


def made_rows(
    *, seeds: Sequence[int] = range(4), epochs: int | None = None
) -> list[dict[str, Any]]:
    """Rows under plain names: two optimizers, three learning rates, some seeds."""
    rows = []
    for o, label in enumerate(LABELS):
        for n, rate in enumerate(RATES):
            for seed in seeds:
                rng = np.random.default_rng([o, n, seed])
                final = 0.9 - 0.05 * o - 0.02 * n + rng.normal(0, 0.004)
                trial = {"optimizer": label, "lr": rate, "seed": seed}
                if epochs is None:
                    rows.append(trial | {"val_acc": round(final, 4)})
                    continue
                for epoch in range(1, epochs + 1):
                    at = 0.5 + (final - 0.5) * (1 - math.exp(-2 * epoch))
                    rows.append(
                        trial
                        | {
                            "epoch": epoch,
                            "val_acc": round(at, 4),
                            "train_loss": round(1 / epoch, 3),
                        }
                    )
    return rows


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]], delimiter: str = ",") -> Path:
    """The rows as CSV, with the names of the first one as its head."""
    rows = list(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*rows[0]], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def renamed(rows: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows with other names of their columns."""
    return [{names.get(name, name): value for name, value in row.items()} for row in rows]
