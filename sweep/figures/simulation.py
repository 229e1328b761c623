"""The figure of ``sweep simulate``: the adaptive rate's variance with normal gradients alone.

After Figures 8 and 9 of Liu et al. 2020 (arXiv 1908.03265). One β₂ at a time.
"""

from collections.abc import Iterator, Sequence

from sweep.analysis.adaptive_rate import SHORT_LADDER, Theory, ladder, theory_sentences
from sweep.analysis.gradient_words import number
from sweep.analysis.wording import decimal
from sweep.figures.drawing import Control, Drawing, Frame, Table, figure
from sweep.figures.marks import Part
from sweep.figures.style import style
from sweep.figures.text import title
from sweep.figures.theory import theory_layout, theory_part, theory_parts

NAME = "simulation"
COLUMNS = (
    *("β₂", "step", "ρ", "exact", "approximate", "simulated", "standard error"),
    *("RAdam's r", "rectified"),
)
NOTES = (
    "Relative variance: the variance of 1/√v̂ over weights, divided by its squared mean. Exact: "
    "Theorem 1 of Liu et al. 2020, of gradients with mean 0; the approximation is "
    "ρ / (2 (ρ − 2)(ρ − 4)). Rectified: the simulated one times r².",
    "Theorem 1 puts a simple moving average in the place of Adam's exponential one. With β₂ near "
    "1 both vary alike in the first steps and at the end; near step 2 / (1 − β₂) the exponential "
    "one, which is simulated, varies about a tenth less. Before step 3 no variance exists.",
)


def draw(theories: Sequence[Theory]) -> Drawing:
    """The figure.

    Args:
        theories: one a β₂, at least one.
    """
    first = theories[0]
    values = tuple(f"{each.beta_2:.12g}" for each in theories)
    controls = [Control("β₂", "switch" if len(values) < 4 else "select", values)]
    return Drawing(
        name=NAME,
        finding=finding(first),
        start=figure(
            [part.whole() for part in _parts(first)],
            finding(first),
            theory_layout(),
            height=620,
            controls=controls if len(values) > 1 else (),
        ),
        frames=[*_frames(theories)] if len(values) > 1 else (),
        alt="The adaptive rate's relative variance against the training step, and RAdam's r below.",
        notes=(*theory_sentences(first), *NOTES),
        table=Table(COLUMNS, tuple(cells for each in theories for cells in table_cells(each))),
    )


def finding(found: Theory) -> str:
    """The simulated variance early and late."""
    told = [at for at, step in enumerate(found.steps) if step >= 3]
    ends = [f"{number(found.simulated[at])} at step {found.steps[at]:,.0f}" for at in told]
    return (
        f"With normal gradients and β₂ = {found.beta_2:.12g}, the adaptive rate's relative "
        f"variance is {' and '.join(dict.fromkeys((ends[0], ends[-1])))}"
    )


def table_cells(found: Theory) -> Iterator[tuple[str, ...]]:
    """A row a step, as texts; of the steps 1, 2, 5, 10, … and the last."""
    wanted = {*ladder(int(found.steps[-1]), SHORT_LADDER)}
    for at, step in enumerate(found.steps):
        if step in wanted:
            yield (
                f"{found.beta_2:.12g}",
                f"{step:,.0f}",
                decimal(found.rho[at], 1),
                *(_variance(each[at]) for each in _variances(found)),
                decimal(found.rectification[at]),
                _variance(found.rectified[at]),
            )


def _variances(found: Theory) -> tuple:
    return found.exact, found.approximate, found.simulated, found.standard_error


def _variance(value: float) -> str:
    return "–" if value != value else f"{value:.3g}"  # NaN alone differs from itself


def _parts(found: Theory) -> Iterator[Part]:
    yield from theory_parts(found)
    line = {"width": 2.5, "color": style(0).colour}
    yield theory_part("simulated, times r²", found, found.rectified, line)


def _frames(theories: Sequence[Theory]) -> Iterator[Frame]:
    for at, each in enumerate(theories):
        yield Frame(
            name=str(at),
            data=[part.framed(is_sliced=False) for part in _parts(each)],
            layout={"title": {"text": title(finding(each))}},
        )
