"""The accuracies of a study as one table, by point and optimizer: what the console prints.

They are what trials count with in the measures, over the same seeds, so that the two tables of one
screen agree.

Legend: O optimizers, N points, S seeds.
"""

from dataclasses import dataclass

import numpy as np

from sweep.analysis.arrays import Floats, Grid
from sweep.analysis.evidence import Evidence
from sweep.analysis.summary import counted_seeds, summarize
from sweep.analysis.wording import counted, number

DIVERGED, FAILED = "×", "!"


@dataclass(frozen=True)
class AccuracyTable:
    """Validation accuracies in percent, or values of another metric.

    Attributes:
        columns: the axes in words, then the optimizers by their labels.
        rows: one a point: its values, then of each optimizer mean (lowest–highest) over seeds
            with a mark for each trial that diverged or failed; empty where it has no such point.
        notes: sentences that say what is counted, and what the marks mean.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def accuracy_table(evidence: Evidence) -> AccuracyTable:
    """The accuracies that the measures rest on.

    Where no seed is finished for all optimizers, so that there are no measures, all seeds count.
    """
    grid = evidence.grid
    accuracy_ONS = grid.final_accuracy()[..., counted_seeds(grid)]
    return AccuracyTable(
        columns=(*(axis.words for axis in grid.axes), *evidence.labels),
        rows=tuple(
            (
                *(number(value) for value in point.values()),
                *(_cell(grid, accuracy_ONS[o, n], o, n) for o in range(len(grid.optimizers))),
            )
            for n, point in enumerate(grid.points)
        ),
        notes=_notes(evidence),
    )


def _cell(grid: Grid, accuracy_S: Floats, o: int, n: int) -> str:
    if not grid.planned_ON[o, n]:
        return ""
    marks = DIVERGED * int(grid.diverged[o, n].sum()) + FAILED * int(grid.failed_ONS[o, n].sum())
    known = grid.metric.value(accuracy_S[~np.isnan(accuracy_S)])
    if not known.size:
        return marks or "–"
    mean = grid.metric.value(float(summarize(accuracy_S).mean))
    shown = [grid.words.bare(float(value)) for value in (mean, known.min(), known.max())]
    return f"{shown[0]} ({shown[1]}–{shown[2]}){marks}"


def _notes(evidence: Evidence) -> tuple[str, ...]:
    grid, seeds = evidence.grid, evidence.measures.seeds
    notes = []
    if seeds and len(seeds) < len(grid.seeds):
        notes.append(
            f"Means over the {counted(len(seeds), 'seed')} of {len(grid.seeds)} that are finished "
            "for all compared optimizers, as in the measures."
        )
    elif not seeds and grid.finished_ONS.any():
        notes.append("Means over the seeds that are finished; there are no measures.")
    if grid.diverged.any():
        level = grid.baseline_told.removeprefix(grid.baseline_words)
        notes.append(
            f"{DIVERGED} marks a trial that diverged; it counts with {grid.diverged_words}{level}."
        )
    if grid.failed_ONS.any():
        notes.append(f"{FAILED} marks a trial that failed.")
    return tuple(notes)
