"""Figure 6: what each optimizer makes of the learning rate, step by step.

The factor of schedule and rectification on the learning rate: warm-up's ramp, RAdam's r_t. Where it
differs from point to point (the length of a warm-up is swept), controls choose the point. Where it
differs from seed to seed, the mean over seeds is drawn.

Legend: see ``drawing``; K steps.
"""

from collections.abc import Iterator, Sequence

from sweep.analysis.evidence import Evidence
from sweep.analysis.wording import decimal, listed, number, percent
from sweep.figures import slices
from sweep.figures.drawing import Drawing, Frame, Table, figure
from sweep.figures.effective_rate_arrays import Multiplier, compute, varying
from sweep.figures.marks import Part, named, spotted
from sweep.figures.style import style
from sweep.figures.text import numbers, plain, thinned, title
from sweep.study.axis import Axis

NAME = "effective-rate"

Multiplied = tuple[Multiplier, ...]


def finding(
    evidence: Evidence, multipliers: Multiplied, point: int, axes: Sequence[Axis] = ()
) -> str:
    """When each optimizer takes whole steps, at a point on the axes that make a difference."""
    if not multipliers:
        return f"No training has finished yet ({evidence.pictures})"
    alike: dict[str, list[str]] = {}
    for one in multipliers:
        alike.setdefault(_share_words(one), []).append(evidence.grid.optimizers[one.index])
    said = [f"{_names(labels)} {words}" for words, labels in alike.items()][:3]
    more = f", and {len(alike) - 3} other ways" if len(alike) > 3 else ""
    where = f" at {slices.point_words(evidence.grid, point, axes)}" if axes else ""
    return f"How much of the learning rate acts{where}: {listed(said)}{more} ({evidence.pictures})"


def _share_words(one: Multiplier) -> str:
    if one.full_at is None:
        return f"{percent(float(one.factor[-1]), 0)} at the end"
    return f"all from step {one.full_at}"


def _names(labels: Sequence[str]) -> str:
    """``Adam``, ``Adam and SGD``; of many the first and how many more."""
    return listed(labels) if len(labels) < 3 else f"{labels[0]} and {len(labels) - 1} more"


def draw(evidence: Evidence) -> Drawing:
    """The figure."""
    grid, axes = evidence.grid, varying(evidence.grid, evidence.multipliers_O)
    start = len(grid.points) - 1
    multipliers = compute(evidence.multipliers_O, start)
    said = finding(evidence, multipliers, start, axes)
    drawn = figure(
        [line.whole() for line in _lines(evidence, multipliers)],
        said,
        {
            "xaxis": {"title": {"text": "training step (log scale)"}, "type": "log", "dtick": 1},
            "yaxis": {"title": {"text": "share of the learning rate"}, "rangemode": "tozero"},
        },
        height=400,
        controls=slices.point_controls(grid, start, axes) if axes else (),
    )
    return Drawing(
        name=NAME,
        finding=said,
        start=drawn,
        frames=[*_frames(evidence, start, axes)] if axes else (),
        alt="The factor on the learning rate against the training step, one line an optimizer.",
        table=_table(evidence, multipliers),
        notes=_notes(evidence, multipliers),
    )


def _frames(evidence: Evidence, start: int, axes: Sequence[Axis]) -> Iterator[Frame]:
    """A state a point; nothing is drawn where no optimizer has it."""
    for key, point in slices.point_keys(evidence.grid, start, axes).items():
        multipliers = () if point is None else compute(evidence.multipliers_O, point)
        said = (
            slices.absent_words(evidence.pictures)
            if point is None
            else finding(evidence, multipliers, point, axes)
        )
        yield Frame(
            name="/".join(map(str, key)),
            data=[line.framed(is_sliced=False) for line in _lines(evidence, multipliers)],
            layout={"title": {"text": title(said)}},
        )


def _lines(evidence: Evidence, multipliers: Multiplied) -> Iterator[Part]:
    """A line an optimizer of which something is known, at any point."""
    at = {one.index: one for one in multipliers}
    for index, factor_NK in enumerate(evidence.multipliers_O):
        if factor_NK is not None:
            yield _line(evidence, index, at.get(index))


def _line(evidence: Evidence, index: int, one: Multiplier | None) -> Part:
    label, look = evidence.grid.optimizers[index], style(index)
    x, y = ([], []) if one is None else (numbers(one.steps, 7), numbers(one.factor))
    marked = {*thinned(len(x), 8)}
    sizes = [9 if position in marked else 0 for position in range(len(x))]
    marker = {"symbol": look.marker, "color": look.colour} | spotted(sizes)
    fixed = named(
        label,
        showlegend=True,
        mode="lines+markers",
        line={"color": look.colour, "width": 2.5, "dash": look.dash},
        hovertemplate=(
            f"<b>{plain(label)}</b><br>step %{{x}}: %{{y:.3f}} of the learning rate<extra></extra>"
        ),
    )
    return Part(fixed, {}, {"x": x, "y": y, "marker": marker})


def _table(evidence: Evidence, multipliers: Multiplied) -> Table:
    rows = tuple(
        (
            evidence.grid.optimizers[one.index],
            number(float(one.steps[position])),
            decimal(float(one.factor[position])),
        )
        for one in multipliers
        for position in thinned(len(one.steps), 25)
    )
    return Table(("optimizer", "step", "factor"), rows)


def _notes(evidence: Evidence, multipliers: Multiplied) -> tuple[str, ...]:
    notes = [
        "The factor of the schedule (warm-up, decay) and of RAdam's rectification r at every step. "
        "Where it is small, a learning rate that is too high does less harm."
    ]
    labels = evidence.grid.optimizers
    means = [labels[o] for o, is_mean in enumerate(evidence.mean_multipliers_O) if is_mean]
    if means:
        notes.append(
            f"Of {listed(means)} it differs from seed to seed, as where a schedule follows the "
            "loss: what is drawn, and what means are taken of, is the mean over seeds."
        )
    drawn = {one.index for one in multipliers}
    missing = [label for index, label in enumerate(labels) if index not in drawn]
    if missing and drawn:
        notes.append(f"Not known yet of {listed(missing)}.")
    if any(len(one.steps) < one.count for one in multipliers):
        notes.append(
            f"About {len(multipliers[0].steps)} of {multipliers[0].count:,} steps are drawn."
        )
    return tuple(notes)
