"""Published numbers beside measured ones: the ledger of claims. Pure.

From ``Evidence`` and the study's ``published`` to one row a published number, which the report and
commands show. Values are those of the study's metric, in its own unit and direction.

Legend: O optimizers, N points, S seeds.
"""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit

from sweep.analysis.arrays import Floats
from sweep.analysis.evidence import Evidence
from sweep.analysis.intervals import CONFIDENCE, MIN_SEEDS
from sweep.analysis.metric_words import MetricWords
from sweep.analysis.summary import counted_seeds
from sweep.analysis.wording import has_width, names_of, number
from sweep.study.axis import Point, Value
from sweep.study.published import Published

NOTES = (
    "Published numbers are of other programs, machines and seeds. In brackets: 95 % intervals over "
    "the seeds measured here; of differences, over those of the publication too where it gives "
    "their standard deviation (Welch).",
    "Where a publication names no point, its number stands beside the best point measured here, "
    "which was chosen on the validation examples.",
)

CLAIM_COLUMNS = (
    *("optimizer", "at", "published", "published_deviation", "published_seeds"),
    *("measured_at", "measured", "measured_low", "measured_high", "measured_seeds"),
    *("difference", "difference_low", "difference_high", "source", "note"),
)
"""Of rows for programs."""


@dataclass(frozen=True)
class Claim:
    """A published number and what was measured; NaN where nothing was.

    Attributes:
        published: the number.
        name: of the optimizer, for people.
        point: that was measured; None where nothing was.
        seeds: how many trainings were.
        mean, low, high: of the metric, with its 95 % interval; without one NaN.
        difference, difference_low, difference_high: measured minus published.
    """

    published: Published
    name: str
    point: Point | None
    seeds: int
    mean: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float


def claims(evidence: Evidence, published: Sequence[Published]) -> tuple[Claim, ...]:
    """One a published number, in their order."""
    grid = evidence.grid
    scores_ONS = grid.final_accuracy()[..., counted_seeds(grid)]
    values_ONS: Floats = np.asarray(grid.metric.value(scores_ONS))
    return tuple(_claim(evidence, each, values_ONS) for each in published)


def _claim(evidence: Evidence, published: Published, values_ONS: Floats) -> Claim:
    grid, label = evidence.grid, published.optimizer
    if label not in evidence.labels:
        return _not_measured(published, names_of([label])[0])
    o = evidence.labels.index(label)
    name, n = grid.optimizers[o], None
    if published.point:
        n = next((n for n, it in enumerate(grid.points) if _is_at(it, published.point)), None)
    else:
        n = _best(grid.metric.score(values_ONS[o]))
    values_S = np.zeros(0) if n is None else values_ONS[o, n][~np.isnan(values_ONS[o, n])]
    if n is None or not values_S.size:
        return _not_measured(published, name)
    mean = float(values_S.mean())
    half, apart = _half_widths(values_S, published)
    gap = mean - published.value
    return Claim(
        published=published,
        name=name,
        point=grid.points[n],
        seeds=len(values_S),
        mean=mean,
        low=mean - half,
        high=mean + half,
        difference=gap,
        difference_low=gap - apart,
        difference_high=gap + apart,
    )


def _is_at(point: Point, asked: Mapping[str, Value]) -> bool:
    """Whether a point has just these values."""
    same = (math.isclose(point[name], asked[name]) for name in point if name in asked)
    return {*point} == {*asked} and all(same)


def _best(score_NS: Floats) -> int | None:
    """The point of the best mean; None where nothing is finished."""
    known_N = ~np.isnan(score_NS).all(axis=1)
    if not known_N.any():
        return None
    mean_N = np.full(len(score_NS), -np.inf)
    mean_N[known_N] = np.nanmean(score_NS[known_N], axis=1)
    return int(mean_N.argmax())


def _half_widths(values_S: Floats, published: Published) -> tuple[float, float]:
    """Half of the mean's interval, and of the difference's; NaN with fewer than three seeds."""
    count = len(values_S)
    if count < MIN_SEEDS:
        return math.nan, math.nan
    variance = float(values_S.var(ddof=1)) / count
    half = _t(count - 1) * math.sqrt(variance)
    if published.deviation is None or published.seeds is None:
        return half, half
    theirs = published.deviation**2 / published.seeds
    if not variance + theirs:
        return half, 0.0
    freedom = (variance + theirs) ** 2 / (
        variance**2 / (count - 1) + theirs**2 / (published.seeds - 1)
    )
    return half, _t(freedom) * math.sqrt(variance + theirs)


def _t(freedom: float) -> float:
    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2))


def _not_measured(published: Published, name: str) -> Claim:
    return Claim(published, name, None, 0, *[math.nan] * 6)


def ledger_columns(words: MetricWords) -> tuple[str, ...]:
    """The heads of ``ledger_rows``."""
    difference = f"measured minus published {f'({words.difference_unit})'}"
    return (
        "optimizer",
        "at",
        f"published {words.name}",
        f"measured {words.name}",
        difference if words.difference_unit else "measured minus published",
        "source",
    )


def ledger_rows(claims: Sequence[Claim], words: MetricWords) -> Iterator[tuple[str, ...]]:
    """One a claim, as people read it."""
    for claim in claims:
        published = claim.published
        measured = difference = "not measured"
        if claim.point is not None:
            interval = _interval(claim.low, claim.high, words)
            measured = f"{words.written(claim.mean)}{interval} ({_seeds(claim.seeds)})"
            interval = _interval(claim.difference_low, claim.difference_high, words)
            difference = f"{words.bare(claim.difference)}{interval}"
        source = f"{published.source}; {published.note}" if published.note else published.source
        yield claim.name, _at(claim), _published(published, words), measured, difference, source


def claims_rows(claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """One a claim, for programs: in the metric's unit, None for what is not known."""
    return [_claim_row(claim) for claim in claims]


def claims_csv(claims: Sequence[Claim]) -> str:
    """The same as CSV with a header; points are as in ``learning_rate=0.1``, unknown is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, CLAIM_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in claims_rows(claims):
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, dict):
        return "; ".join(f"{name}={setting}" for name, setting in value.items())
    return value


def _claim_row(claim: Claim) -> dict[str, Any]:
    published = claim.published
    return {
        "optimizer": published.optimizer,
        "at": dict(published.point) or None,
        "published": published.value,
        "published_deviation": published.deviation,
        "published_seeds": published.seeds,
        "measured_at": None if claim.point is None else dict(claim.point),
        "measured": _known(claim.mean),
        "measured_low": _known(claim.low),
        "measured_high": _known(claim.high),
        "measured_seeds": claim.seeds,
        "difference": _known(claim.difference),
        "difference_low": _known(claim.difference_low),
        "difference_high": _known(claim.difference_high),
        "source": published.source,
        "note": published.note,
    }


def _known(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _at(claim: Claim) -> str:
    asked, found = claim.published.point, claim.point
    if asked:
        return str(Point.of(asked))
    return "its best" if found is None else f"its best; here {found}"


def _published(published: Published, words: MetricWords) -> str:
    text = words.written(published.value, _digits(published.value, words))
    if published.deviation is not None:
        text += f" ± {number(words.scale * published.deviation)}"
    return text + (f" ({_seeds(published.seeds)})" if published.seeds else "")


def _digits(value: float, words: MetricWords) -> int:
    """As many decimals as the number was published with, and at least those of measured ones."""
    text = f"{words.scale * value:.6f}".rstrip("0")
    return max(words.digits, len(text.partition(".")[2]))


def _interval(low: float, high: float, words: MetricWords) -> str:
    if not has_width(low, high):
        return ""
    return f" [{words.bare(low)}, {words.bare(high)}]"


def _seeds(count: int) -> str:
    return f"{count} seed{'s' if count != 1 else ''}"
