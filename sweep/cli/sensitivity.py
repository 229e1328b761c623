"""``sweep sensitivity``: how much optimizers need tuning for each of several studies."""

from collections.abc import Iterator
from contextlib import closing
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sweep.cli.console import show_json, show_table, show_text
from sweep.cli.options import JsonOption, OpenOption, StoreOption
from sweep.errors import UsageError
from sweep.settings import Settings, from_environment
from sweep.util.paths import printable

if TYPE_CHECKING:
    from sweep.analysis.intervals import Estimate
    from sweep.analysis.over_studies import OverStudies
    from sweep.comparing import Chosen
    from sweep.results.results import Results


def sensitivity(
    studies: Annotated[
        list[str],
        typer.Argument(
            metavar="STUDY...",
            help="NAMEs of stored studies, URL#NAME in another store, or a collection for all of "
            "its studies: two or more, with the same optimizers and axes.",
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

    Example: sweep sensitivity digits-architecture    # a collection: its studies

    Example: sweep sensitivity sqlite:///a.db#wide sqlite:///b.db#wide --json
    """
    from sweep.analysis.collect import grid_of
    from sweep.analysis.over_studies import over_studies

    settings = from_environment(store)
    sides = [_side(study, settings) for study in _each(studies, settings)]
    _check_each_once(sides)
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


def _each(targets: list[str], settings: Settings) -> Iterator[str]:
    """The studies that are asked for: of a collection, all of its that are stored."""
    from sweep.cli.stored import names_of
    from sweep.store import open_store
    from sweep.study.catalog import find_collection

    for target in targets:
        collection = find_collection(target)
        if collection is None:
            yield target
        else:
            with closing(open_store(settings.store_url)) as opened:
                yield from names_of(opened, collection)


def _side(study: str, settings: Settings) -> "Chosen":
    """A study in its store.

    Raises:
        UsageError: one optimizer of it is named.
    """
    from sweep.comparing import chosen

    side = chosen(study, settings.store_url)
    if side.label is not None:
        raise UsageError(
            f"{printable(study)} names one optimizer, and sensitivity is of all",
            remedy=f"Leave out :{side.label}.",
        )
    return side


def _check_each_once(sides: "list[Chosen]") -> None:
    """Refuse a study that is there twice, under whatever URLs: it would count twice."""
    known: dict[Any, str] = {}
    for side in sides:
        trained = frozenset((trial.fingerprint, trial.seconds) for trial in side.results.trials)
        key = side.results.study.name, trained
        if key in known:
            before = known[key]
            twice = side.name if before == side.name else f"{before} and {side.name}"
            raise UsageError(
                f"one study is there twice: {twice}",
                remedy="Name each study once: of the same optimizers and axes, on other data or "
                "models.",
            )
        known[key] = side.name


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
        "points": found.points,
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
        "variance": [
            {"part": name, "share": _ends(found.parts.share_P, p)}
            for p, name in enumerate(found.parts.names)
        ],
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
    from sweep.analysis.wording import counted

    show_text(words.headline(found))
    seeds = counted(len(found.sensitivity.seeds), "seed")
    show_table(
        f"Sensitivity over {len(found.studies)} studies at {found.points} points that all have, "
        f"normalized scores, {seeds}",
        words.COLUMNS,
        words.rows(found),
        note=" ".join([*words.notes(found), *found.left_out]),
        expendable=("at", "best for all", "best of each"),
        all_in="--json",
    )
    if page is not None:
        show_text(f"Report: {page}")
