"""``sweep sensitivity``: how much optimizers need tuning for each of several studies."""

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sweep.cli.console import show_json, show_table, show_text
from sweep.cli.options import JsonOption, OpenOption, StoreOption
from sweep.settings import from_environment

if TYPE_CHECKING:
    from sweep.analysis.intervals import Estimate
    from sweep.analysis.over_studies import OverStudies
    from sweep.results.results import Results


def sensitivity(
    studies: Annotated[
        list[str],
        typer.Argument(
            metavar="STUDY...",
            help="NAMEs of stored studies, or URL#NAME in another store: two or more, with the "
            "same optimizers and axes.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the page with its figures to this file. (default: none, and with --open "
            "reports/sensitivity.html)",
            show_default=False,
        ),
    ] = None,
    open_it: OpenOption = False,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """How much do optimizers need tuning for each of several studies, on other data or models?

    After Adkins et al. 2024 (arXiv 2412.07165). A study's scores are normalized, so that their 5th
    percentile is 0 and their 95th is 1. Sensitivity is the mean score with the best point of each
    study, minus that with the best one for all: 0 where one point serves all. The page has figures:
    sensitivity against tuned score, and how often a training is at least so good (performance
    profiles, after Agarwal et al. 2021, arXiv 2108.13264).

    Example: sweep sensitivity digits-lr-robustness digits-small-cnn digits-resnet20 --open

    Example: sweep sensitivity digits-lr-robustness lr-robustness

    Example: sweep sensitivity sqlite:///a.db#wide b.db#wide --json
    """
    from sweep.analysis.collect import grid_of
    from sweep.analysis.over_studies import over_studies
    from sweep.comparing import chosen

    settings = from_environment(store)
    sides = [chosen(study, settings.store_url) for study in studies]
    told = {side.name: side.results for side in sides}
    found = over_studies([side.name for side in sides], [grid_of(side.results) for side in sides])
    page = output or (settings.reports / "sensitivity.html" if open_it else None)
    written = _write_page(found, told, page) if page else None
    if json:
        show_json(_as_json(found, studies, written))
    else:
        _show(found, written)
    if open_it:
        typer.launch(str(written))


def _write_page(found: "OverStudies", results: "dict[str, Results]", path: Path) -> Path:
    from sweep.analysis.evidence import gather
    from sweep.report.over_studies import Told, render
    from sweep.report.writing import write_report

    told = {name: Told(each, gather(each)) for name, each in results.items()}
    return write_report(render(found, told), path)


def _as_json(found: "OverStudies", studies: list[str], page: Path | None) -> dict[str, Any]:
    from sweep.analysis.over_studies_words import headline

    needed, profiles = found.sensitivity, found.profiles
    return {
        "studies": studies,
        "seeds": list(needed.seeds),
        "headline": headline(found),
        "optimizers": [_row(found, o) for o in range(len(needed.optimizers))],
        "profiles": {
            "tau": profiles.tau_K.tolist(),
            "optimizers": [
                {
                    "optimizer": label,
                    "share": _numbers(profiles.share_OK.value[o]),
                    "low": _numbers(profiles.share_OK.low[o]),
                    "high": _numbers(profiles.share_OK.high[o]),
                }
                for o, label in enumerate(needed.optimizers)
            ],
        },
        "left_out": list(found.left_out),
        "report": None if page is None else str(page),
    }


def _row(found: "OverStudies", o: int) -> dict[str, Any]:
    """Of an optimizer, for programs."""
    needed = found.sensitivity
    return {
        "optimizer": needed.optimizers[o],
        "sensitivity": _ends(needed.sensitivity, o),
        "tuned": _ends(needed.tuned, o),
        "shared": _ends(needed.shared, o),
        "shared_point": dict(needed.shared_point[o].pairs),
        "dimensionality": needed.dimensionality[o],
        "by_tuned_axes": _numbers(needed.by_tuned_OC.value[o]),
    }


def _ends(estimate: "Estimate", o: int) -> list[float | None]:
    """Value, and ends of its interval; None where it has none."""
    return _numbers((estimate.value[o], estimate.low[o], estimate.high[o]))


def _numbers(values: Any) -> list[float | None]:
    return [float(it) if isfinite(it) else None for it in values]


def _show(found: "OverStudies", page: Path | None) -> None:
    from sweep.analysis import over_studies_words as words

    show_text(words.headline(found))
    seeds, studies = len(found.sensitivity.seeds), len(found.studies)
    show_table(
        f"Sensitivity over {studies} studies, normalized scores, {seeds} seeds",
        words.COLUMNS,
        words.rows(found),
        note=" ".join([*words.notes(found), *found.left_out]),
        expendable=("at", "best for all", "best of each"),
        all_in="--json",
    )
    if page is not None:
        show_text(f"Report: {page}")
