"""Figure 6: what each optimizer makes of the learning rate, step by step.

The factor of schedule and rectification on the learning rate: warm-up's ramp, RAdam's r_t.

Legend: see ``family``; K steps.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from sweep.analysis.evidence import Evidence
from sweep.figures.family import (
    Drawing,
    Floats,
    Table,
    decimal,
    figure,
    listed,
    number,
    numbers,
    percent,
    plain,
    style,
    thinned,
)
from sweep.figures.marks import named, spotted

NAME = "effective-rate"
MAX_STEPS = 300
FIRST_STEPS = 20
"""These are all drawn: there rectification begins."""


@dataclass(frozen=True)
class Multiplier:
    """Of one optimizer.

    Attributes:
        index: its position in the study.
        steps: those that are drawn, from 1.
        factor: at these.
        full_at: the first step with at least 0.99 of the learning rate from which on it stays
            there; None where there is none.
        count: of all steps.
    """

    index: int
    steps: Floats
    factor: Floats
    full_at: int | None
    count: int


def compute(multipliers_O: tuple[np.ndarray | None, ...]) -> tuple[Multiplier, ...]:
    """The multipliers that are known, at so many steps as can be told apart."""
    return tuple(
        _multiplier(index, np.asarray(factor_NK[0], dtype=np.float64))
        for index, factor_NK in enumerate(multipliers_O)
        if factor_NK is not None and factor_NK.size
    )


def _multiplier(index: int, factor_K: Floats) -> Multiplier:
    count = len(factor_K)
    shown = sorted({*range(min(FIRST_STEPS, count)), *thinned(count, MAX_STEPS)})
    below = np.flatnonzero(~(factor_K >= 0.99))
    full_at = int(below[-1]) + 2 if below.size else 1
    return Multiplier(
        index=index,
        steps=np.array(shown, dtype=np.float64) + 1,
        factor=factor_K[shown],
        full_at=full_at if full_at <= count else None,
        count=count,
    )


def finding(evidence: Evidence, multipliers: tuple[Multiplier, ...]) -> str:
    """When each optimizer takes whole steps."""
    if not multipliers:
        return f"No training has finished yet ({evidence.pictures})"
    said = [
        f"{evidence.grid.optimizers[one.index]} "
        + (
            f"{percent(float(one.factor[-1]), 0)} at the end"
            if one.full_at is None
            else f"all from step {one.full_at}"
        )
        for one in multipliers[:3]
    ]
    more = f", and {len(multipliers) - 3} more" if len(multipliers) > 3 else ""
    hyperparameter = evidence.grid.hyperparameter
    return f"How much of the {hyperparameter} acts: {listed(said)}{more} ({evidence.pictures})"


def draw(evidence: Evidence) -> Drawing:
    """The figure."""
    multipliers = compute(evidence.multipliers_O)
    said = finding(evidence, multipliers)
    hyperparameter = plain(evidence.grid.hyperparameter)
    return Drawing(
        name=NAME,
        finding=said,
        figure=figure(
            [_line(evidence, one) for one in multipliers],
            said,
            {
                "xaxis": {
                    "title": {"text": "training step (log scale)"},
                    "type": "log",
                    "dtick": 1,
                },
                "yaxis": {
                    "title": {"text": f"share of the {hyperparameter}"},
                    "rangemode": "tozero",
                },
            },
            height=400,
        ),
        alt=(
            f"The factor on the {evidence.grid.hyperparameter} against the training step, one line "
            "an optimizer."
        ),
        table=_table(evidence, multipliers),
        notes=_notes(evidence, multipliers),
    )


def _line(evidence: Evidence, one: Multiplier) -> go.Scatter:
    label, look = evidence.grid.optimizers[one.index], style(one.index)
    marked = {*thinned(len(one.steps), 8)}
    sizes = [9 if position in marked else 0 for position in range(len(one.steps))]
    return go.Scatter(
        named(
            label,
            showlegend=True,
            x=numbers(one.steps, 7),
            y=numbers(one.factor),
            mode="lines+markers",
            line={"color": look.colour, "width": 2.5, "dash": look.dash},
            marker={"symbol": look.marker, "color": look.colour} | spotted(sizes),
            hovertemplate=(
                f"<b>{plain(label)}</b><br>step %{{x}}: %{{y:.3f}} of the "
                f"{plain(evidence.grid.hyperparameter)}<extra></extra>"
            ),
        )
    )


def _table(evidence: Evidence, multipliers: tuple[Multiplier, ...]) -> Table:
    rows = tuple(
        (
            evidence.grid.optimizers[one.index],
            number(one.steps[position]),
            decimal(float(one.factor[position])),
        )
        for one in multipliers
        for position in thinned(len(one.steps), 25)
    )
    return Table(("optimizer", "step", "factor"), rows)


def _notes(evidence: Evidence, multipliers: tuple[Multiplier, ...]) -> tuple[str, ...]:
    notes = [
        "The factor of the schedule (warm-up) and of RAdam's rectification r at every step. Where "
        "it is small, a learning rate that is too high does less harm."
    ]
    drawn = {one.index for one in multipliers}
    missing = [label for index, label in enumerate(evidence.grid.optimizers) if index not in drawn]
    if missing and drawn:
        notes.append(f"Not known yet of {listed(missing)}.")
    if any(len(one.steps) < one.count for one in multipliers):
        notes.append(f"About {MAX_STEPS} of {multipliers[0].count:,} steps are drawn.")
    return tuple(notes)
