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
    accuracy_ONS = np.ascontiguousarray(grid.final_accuracy()[..., counted_seeds(grid)])
    mean_ON, marks_ON = summarize(accuracy_ONS).mean, _marks(grid)
    return AccuracyTable(
        columns=(*(axis.words for axis in grid.axes), *evidence.labels),
        rows=tuple(
            (
                *(number(value) for value in point.values()),
                *(
                    _cell(grid, accuracy_ONS[o, n], float(mean_ON[o, n]), marks_ON[o][n])
                    if grid.planned_ON[o, n]
                    else ""
                    for o in range(len(grid.optimizers))
                ),
            )
            for n, point in enumerate(grid.points)
        ),
        notes=_notes(evidence),
    )


def _marks(grid: Grid) -> list[list[str]]:
    """Of each optimizer and point, a mark for every trial that diverged or failed."""
    gone_ON2 = np.stack([grid.diverged.sum(axis=-1), grid.failed_ONS.sum(axis=-1)], axis=-1)
    return [
        [DIVERGED * diverged + FAILED * failed for diverged, failed in row]
        for row in gone_ON2.tolist()
    ]


def _cell(grid: Grid, accuracy_S: Floats, mean: float, marks: str) -> str:
    known = grid.metric.value(accuracy_S[~np.isnan(accuracy_S)])
    if not known.size:
        return marks or "–"
    ends = grid.metric.value(mean), known.min(), known.max()
    shown = [grid.words.bare(float(value)) for value in ends]
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
