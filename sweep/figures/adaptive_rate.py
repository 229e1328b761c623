"""The adaptive rate's variance over steps, with the theory's, and what RAdam makes of it.

After Figures 8 and 9 of Liu et al. 2020 (arXiv 1908.03265): Adam divides by √v̂, which in the first
steps is estimated from few gradients, so that 1/√v̂ scatters; RAdam's r_t makes up for that.

Legend: see ``drawing``; R recorded steps.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sweep.analysis.adaptive_rate import Theory, theory
from sweep.analysis.evidence import Evidence
from sweep.analysis.gradient_words import number, variance_words
from sweep.analysis.gradients import Recorded, most_different
from sweep.analysis.wording import decimal
from sweep.figures import slices
from sweep.figures.drawing import Drawing, Frame, Table, figure
from sweep.figures.marks import Part, lined, named
from sweep.figures.text import numbers, plain, title
from sweep.figures.theory import theory_layout, theory_parts
from sweep.optimizers.rectification import rectification

NAME = "adaptive-rate"
MOST_SIMULATED = 1_000
"""So many steps are simulated, at most."""
MOST_STEPS = 40
"""Of a theory's curve."""


def draw(evidence: Evidence) -> Drawing:
    """The figure; empty where nothing was recorded of an optimizer with a second moment."""
    known, start = _known(evidence), most_different(evidence.gradients)
    optimizers = tuple(sorted({o for o, _ in known}))
    curves = _theory(known)
    said = finding(evidence, known, start)
    there = _at(known, start)
    return Drawing(
        name=NAME,
        finding=said,
        start=figure(
            [line.whole() for line in _lines(evidence, known, optimizers, start, curves)],
            said,
            theory_layout(),
            height=560,
            controls=slices.point_controls(evidence.grid, start),
        ),
        frames=[*_frames(evidence, known, optimizers, start, curves)] if known else (),
        alt="The adaptive rate's relative variance against the training step, and RAdam's r below.",
        notes=_notes(curves),
        table=_table(evidence, there),
    )


def finding(evidence: Evidence, known: dict[tuple[int, int], Recorded], point: int | None) -> str:
    """The measured variances in the first steps and in the last, at a point."""
    there = {} if point is None else _at(known, point)
    if point is None or not there:
        return f"No adaptive rate is recorded there ({evidence.pictures})"
    names = [evidence.grid.optimizers[o] for o in there]
    where = slices.point_words(evidence.grid, point)
    return f"{variance_words(names, [*there.values()])} ({where}; {evidence.pictures})"


def _known(evidence: Evidence) -> dict[tuple[int, int], Recorded]:
    """What was recorded of optimizers with a second moment."""
    return {
        key: each
        for key, each in evidence.gradients.items()
        if np.isfinite(each.rate_variance_R).any()
    }


def _at(known: dict[tuple[int, int], Recorded], point: int) -> dict[int, Recorded]:
    return {o: each for (o, n), each in known.items() if n == point}


def _theory(known: dict[tuple[int, int], Recorded]) -> Theory | None:
    """At the commonest β₂, as long as the longest training."""
    found = [each.beta_2 for each in known.values() if each.beta_2]
    if not found:
        return None
    last = max(each.steps[-1] for each in known.values())
    steps = np.unique(np.geomspace(3, max(last, 4), MOST_STEPS).round())
    return theory(max(sorted({*found}), key=found.count), steps, until=MOST_SIMULATED)


def _lines(
    evidence: Evidence,
    known: dict[tuple[int, int], Recorded],
    optimizers: tuple[int, ...],
    point: int | None,
    curves: Theory | None,
) -> Iterator[Part]:
    """The theory's curves, then a line an optimizer, and r below."""
    there = {} if point is None else _at(known, point)
    if curves is not None:
        yield from map(_still, theory_parts(curves))
    for o in optimizers:
        label, each = evidence.grid.optimizers[o], there.get(o)
        x: list[Any] = [] if each is None else [*each.steps]
        y: list[Any] = [] if each is None else numbers(each.rate_variance_R, 3)
        fixed = named(
            label,
            **lined(o) | {"showlegend": True},
            hovertemplate=f"<b>{plain(label)}</b><br>step %{{x}}: relative variance %{{y:.3~g}}"
            "<extra></extra>",
        )
        yield Part(fixed, {}, {"x": x, "y": y})


def _still(part: Part) -> Part:
    """The same in all states: no point that is chosen changes it."""
    return Part(part.fixed | part.moving, {}, {})


def _frames(
    evidence: Evidence,
    known: dict[tuple[int, int], Recorded],
    optimizers: tuple[int, ...],
    start: int,
    curves: Theory | None,
) -> Iterator[Frame]:
    """A state a point; the theory is the same in all."""
    for key, point in slices.point_keys(evidence.grid, start).items():
        yield Frame(
            name="/".join(map(str, key)),
            data=[
                line.framed(is_sliced=False)
                for line in _lines(evidence, known, optimizers, point, curves)
            ],
            layout={"title": {"text": title(finding(evidence, known, point))}},
        )


def _notes(curves: Theory | None) -> tuple[str, ...]:
    if curves is None:
        return ()
    first, last = curves.steps[0], curves.steps[-1]
    half = curves.steps[np.nan_to_num(curves.rectification) >= 0.5]
    until = f"above one half from step {half[0]:,.0f}" if half.size else "below one half throughout"
    return (
        f"With normal gradients and β₂ = {curves.beta_2:g} the theory's relative variance is "
        f"{number(float(curves.exact[0]))} at step {first:,.0f} and "
        f"{number(float(curves.exact[-1]))} at step {last:,.0f}; RAdam's r, which makes up for it, "
        f"is {until}.",
        "Relative variance: the variance of 1 / (√v̂ + ε) divided by its squared mean. What is "
        "measured is that over the weights whose v is not 0. Their gradients differ in size too, "
        "which the theory's do not: it is of one weight's over chance. So the lines lie higher, "
        "and move with both. The approximation is ρ / (2 (ρ − 2)(ρ − 4)).",
    )


def _table(evidence: Evidence, there: dict[int, Recorded]) -> Table:
    rows = tuple(
        (
            evidence.grid.optimizers[o],
            f"{step:,}",
            number(float(each.rate_variance_R[at])),
            "–" if each.beta_2 is None else decimal(_r(each.beta_2, step)),
        )
        for o, each in there.items()
        for at, step in enumerate(each.steps)
    )
    return Table(("optimizer", "step", "relative variance", "RAdam's r at its β₂"), rows)


def _r(beta_2: float, step: int) -> float:
    return float(rectification(beta_2, step))
