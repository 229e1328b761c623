"""``sweep sensitivity``: how much optimizers need tuning for each of several studies."""

from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sweep.cli.console import show_json, show_table
from sweep.cli.options import JsonOption, StoreOption
from sweep.settings import from_environment

if TYPE_CHECKING:
    from sweep.analysis.intervals import Estimate
    from sweep.analysis.sensitivity import Sensitivity


def sensitivity(
    studies: Annotated[
        list[str],
        typer.Argument(
            metavar="STUDY...",
            help="NAMEs of stored studies, or URL#NAME in another store: two or more, with the "
            "same optimizers and axes.",
        ),
    ],
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """How much do optimizers need tuning for each of several studies, on other data or models?

    After Adkins et al. 2024 (arXiv 2412.07165). A study's scores are normalized, so that their 5th
    percentile is 0 and their 95th is 1. Sensitivity is the mean score with the best point of each
    study, minus that with the best one for all: 0 where one point serves all.

    Example: sweep sensitivity digits-lr-robustness lr-robustness

    Example: sweep sensitivity sqlite:///a.db#wide b.db#wide --json
    """
    from sweep.analysis.collect import grid_of
    from sweep.analysis.sensitivity import sensitivity_of
    from sweep.comparing import chosen

    url = from_environment(store).store_url
    found = sensitivity_of([grid_of(chosen(study, url).results) for study in studies])
    rows = [_row(found, o) for o in range(len(found.optimizers))]
    if json:
        show_json({"studies": studies, "seeds": list(found.seeds), "optimizers": rows})
    else:
        _show(found, rows, len(studies))


def _row(found: "Sensitivity", o: int) -> dict[str, Any]:
    """Of an optimizer, for programs."""
    return {
        "optimizer": found.optimizers[o],
        "sensitivity": _ends(found.sensitivity, o),
        "tuned": _ends(found.tuned, o),
        "shared": _ends(found.shared, o),
        "shared_point": dict(found.shared_point[o].pairs),
        "dimensionality": found.dimensionality[o],
    }


def _ends(estimate: "Estimate", o: int) -> list[float | None]:
    """Value, and ends of its interval; None where it has none."""
    numbers = (estimate.value[o], estimate.low[o], estimate.high[o])
    return [float(it) if isfinite(it) else None for it in numbers]


def _show(found: "Sensitivity", rows: list[dict[str, Any]], count: int) -> None:
    from sweep.analysis.wording import names_of

    names = names_of(found.optimizers)
    show_table(
        f"Sensitivity over {count} studies, normalized scores, {len(found.seeds)} seeds",
        ("optimizer", "sensitivity", "best of each", "best for all", "at", "axes to tune"),
        [
            (
                name,
                _text(row["sensitivity"]),
                _text(row["tuned"]),
                _text(row["shared"]),
                str(point),
                f"{row['dimensionality']} of {len(found.axes)}",
            )
            for name, row, point in zip(names, rows, found.shared_point, strict=True)
        ],
        note="In brackets: 95 % intervals over seeds. A best of noisy scores is too high, the more "
        "so the more points there are.",
        expendable=("at", "best for all", "best of each"),
        all_in="--json",
    )


def _text(ends: list[float | None]) -> str:
    value, low, high = ends
    interval = "" if low is None or high is None else f" [{low:.3f}, {high:.3f}]"
    return f"{value:.3f}{interval}"
