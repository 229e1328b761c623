"""``sweep plan``: what a run would train, in what memory and time. Trains and writes nothing."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sweep.cli.axes import axes_json, base_text, values_text
from sweep.cli.console import show_json, show_note, show_table
from sweep.cli.options import (
    AxisOption,
    ClassesOption,
    DataOption,
    EpochsOption,
    FlipsOption,
    JsonOption,
    MemoryOption,
    NameOption,
    OptimizersOption,
    OrientationOption,
    PicturesOption,
    PrecisionOption,
    RatesOption,
    SeedsOption,
    SetOption,
    SplitOption,
    StoreOption,
    StudyArgument,
    TwinsOption,
    WeightsOption,
    WorkersOption,
)
from sweep.cli.texts import bytes_of, changes_of
from sweep.settings import Settings, from_environment

if TYPE_CHECKING:
    from sweep.analysis.measures import Measures
    from sweep.analysis.tables import Row
    from sweep.planning.cohorts import Cohort
    from sweep.planning.trials import Trial
    from sweep.results.results import Results
    from sweep.store import Store
    from sweep.study.axis import Axis
    from sweep.study.study import Study
    from sweep.tasks.task import Places, Sizes, Task
    from sweep.util.machine import Machine


def plan(
    study: StudyArgument,
    data: DataOption = None,
    weights: WeightsOption = None,
    name: NameOption = None,
    optimizers: OptimizersOption = None,
    axis: AxisOption = None,
    set_: SetOption = None,
    learning_rates: RatesOption = None,
    seeds: SeedsOption = None,
    epochs: EpochsOption = None,
    pictures: PicturesOption = None,
    classes: ClassesOption = None,
    split: SplitOption = None,
    twins: TwinsOption = None,
    orientation: OrientationOption = None,
    flips: FlipsOption = None,
    precision: PrecisionOption = None,
    store: StoreOption = None,
    memory_limit: MemoryOption = None,
    workers: WorkersOption = None,
    json: JsonOption = False,
) -> None:
    """Show what a run would train: optimizers, trials, cohorts, memory and time. Trains nothing.

    Where seeds are finished, it tells what so many could show and what would settle each pair.

    Example: sweep plan lr-robustness --seeds 10

    Example: sweep plan batch-size --axis batch_size=32:256:4 --axis learning_rate=0.003:0.1:7
    """
    from sweep.cli.account import show_warnings
    from sweep.run_options import RunOptions
    from sweep.store.asked import asked_study
    from sweep.tasks.task import Places
    from sweep.util.machine import Machine

    changes = changes_of(
        name=name,
        optimizers=optimizers,
        learning_rates=learning_rates,
        seeds=seeds,
        epochs=epochs,
        pictures=pictures,
        classes=classes,
        split=split,
        twins=twins,
        orientation=orientation,
        flips=flips,
        precision=precision,
        axes=axis,
        base=set_,
    )
    limit = bytes_of(memory_limit)
    settings = from_environment(store)
    places = Places(data, weights, settings.cache, download=False)
    asked = asked_study(study, changes, settings)
    RunOptions(workers=workers, memory_limit_bytes=limit).check(asked)
    with _store(settings) or nullcontext() as opened:
        task = _task(asked, places, opened, Machine(settings.backend))
        if task:
            asked = task.study
        finished, stored = _stored(opened, asked.name)
        summary = _summary(asked, task, finished, stored, limit, settings.backend)
        known = _known(asked, stored)
    summary |= _workers(asked, workers)
    if json:
        show_json(summary | {"pairs": _pairs(known)})
    else:
        rows = [*_rows(asked, task, summary), *_prospects(known)]
        show_table(f"Plan of {asked.name}", ("what", "how much"), rows)
    if task and task.dataset:
        show_warnings(task.dataset)


def _store(settings: Settings) -> "Store | None":
    """The store; None where there is none yet."""
    from sweep.errors import NoStoreError
    from sweep.store import open_store

    try:
        return open_store(settings.store_url)
    except NoStoreError:
        return None


def _task(
    study: "Study", places: "Places", store: "Store | None", machine: "Machine"
) -> "Task | None":
    """What the study trains on; None, with a note, where that is not here."""
    from sweep.errors import MissingError
    from sweep.tasks.resolve import resolve

    try:
        stored = store.study if store else lambda _: None
        task = resolve(study, places, stored=stored, machine=machine)
    except MissingError as error:
        show_note(f"Without its pictures, nothing is known of finished trials.\n{error}")
        return None
    if task.notice:
        show_note(task.notice)
    return task


def _summary(
    study: "Study",
    task: "Task | None",
    finished: frozenset[str],
    stored: "Results | None",
    limit: int | None,
    backend: str,
) -> dict[str, Any]:
    """All that the plan says, for programs."""
    from sweep.cli.account import account_json
    from sweep.designs.grid import grid
    from sweep.planning.cohorts import plan_cohorts
    from sweep.planning.trials import plan_trials
    from sweep.study.own_code import codes_of
    from sweep.study.programs import Command
    from sweep.training.memory import estimated_memory_bytes
    from sweep.training.sizes import fit_to, sizes_of, with_kernel

    seconds = _mean_seconds(stored)
    key = task.key if task else "unknown"
    codes = codes_of(study.optimizers, are_there=not isinstance(study.task, Command))
    trials = plan_trials(study, grid(study, stored), key, codes)
    sizes = sizes_of(task, trials, backend) if task else None
    fit = fit_to(task, trials, sizes, limit) if task else None
    taken = with_kernel(sizes, task, trials, backend) if task and sizes else None
    missing = plan_cohorts(trials, finished, fit.trials if fit else None)
    done = sum(trial.fingerprint in finished for trial in trials)
    count = sum(len(cohort.trials) for cohort in missing)
    return {
        "study": study.name,
        "question": study.question,
        "pictures": _pictures_line(task),
        "account": account_json(task.dataset) if task and task.dataset else None,
        "optimizers": [optimizer.label for optimizer in study.optimizers],
        "axes": axes_json(study),
        **_learning_rates(study.axes),
        "base": study.base,
        "seeds": list(study.seeds),
        "epochs": study.epochs,
        "precision": study.model.precision if study.has_head else None,
        "head_products": study.model.head_products if study.has_head else None,
        "flips": study.pictures.flips if study.has_head else None,
        "trials": len(trials),
        "finished": done,
        "to_train": count,
        "cohorts": len(missing),
        "one_by_one": _one_by_one(study, sizes),
        "evaluated_at": study.evaluated_at,
        "numba_kernel": _with_kernel(trials, backend),
        "trials_at_once": _trials_at_once(missing, sizes),
        "memory_bytes": estimated_memory_bytes(trials, taken, fit) if taken else None,
        "memory_limit_bytes": limit,
        "seconds": None if seconds is None else seconds * count,
    }


def _trials_at_once(missing: "Sequence[Cohort]", sizes: "Sizes | None") -> int:
    most = max((len(cohort.trials) for cohort in missing), default=0)
    return min(most, 1) if sizes and sizes.alone_because else most


def _workers(study: "Study", workers: int | None) -> dict[str, Any]:
    """How many programs of one's own run at once; nothing of any other study."""
    return {"workers": workers or 1} if study.is_program else {}


def _known(study: "Study", stored: "Results | None") -> "tuple[Measures, int] | None":
    """What is stored, read as the study says, and how many seeds there would be; None of nothing.

    Pairs with optimizers that are not stored yet are not among it.
    """
    from sweep.analysis.collect import grid_of
    from sweep.analysis.evidence import reading_of
    from sweep.analysis.measures import measure

    if stored is None:
        return None
    reading = replace(reading_of(stored), margin=study.margin, pairs=study.pairs)
    seeds = {*stored.study.seeds, *study.seeds}
    return measure(grid_of(stored), reading), len(seeds)


def _pairs(known: "tuple[Measures, int] | None") -> "list[Row]":
    from sweep.analysis.prospect import prospect_rows

    return prospect_rows(*known) if known else []


def _prospects(known: "tuple[Measures, int] | None") -> list[tuple[str, str]]:
    from sweep.analysis.prospect import prospect_lines

    return [*prospect_lines(*known)] if known else []


def _one_by_one(study: "Study", sizes: "Sizes | None") -> dict[str, str]:
    """By label the optimizers whose trials train one by one, and why.

    Of one's own, that is found when they are built for training.
    """
    if sizes and sizes.alone_because:
        return {optimizer.label: sizes.alone_because for optimizer in study.optimizers}
    found = {
        optimizer.label: optimizer.alone_because
        or ("" if optimizer.known_algorithm else "if a probe finds that they cannot train together")
        for optimizer in study.optimizers
    }
    return {label: why for label, why in found.items() if why}


def _learning_rates(axes: "Sequence[Axis]") -> dict[str, Any]:
    """The learning rates by themselves too, where they are swept."""
    swept = [list(axis.values) for axis in axes if axis.name == "learning_rate"]
    return {"learning_rates": swept[0]} if swept else {}


def _stored(store: "Store | None", name: str) -> "tuple[frozenset[str], Results | None]":
    """Fingerprints that are finished, and what is stored; None of a study without any."""
    finished = store.finished(name) if store else frozenset()
    return finished, store.results(name) if store and finished else None


def _mean_seconds(stored: "Results | None") -> float | None:
    """Of a finished trial."""
    trials = stored.trials if stored else ()
    seconds = [trial.seconds for trial in trials if trial.seconds is not None]
    return sum(seconds) / len(seconds) if seconds else None


def _pictures_line(task: "Task | None") -> str:
    if task is None:
        return "not here"
    account = task.dataset
    if account is None:
        return "known to the training itself"
    return (
        f"{account.name}: {sum(account.train_counts)} to train on, "
        f"{sum(account.valid_counts)} for validation, {len(account.skipped)} files skipped"
    )


def _rows(study: "Study", task: "Task | None", summary: dict[str, Any]) -> list[tuple[str, Any]]:
    """For people: one line for each thing, and one for each axis in its own words."""
    swept = {axis.name for axis in study.axes}
    return [
        ("question", study.question),
        *_pictures_rows(task),
        ("optimizers", ", ".join(summary["optimizers"])),
        *((axis.words, values_text(axis.values)) for axis in study.axes),
        *_own_values(study),
        *([("set", base_text(study.base))] if study.base else []),
        ("seeds", ", ".join(map(str, study.seeds))),
        *([] if "epochs" in swept else [("epochs", study.epochs)]),
        *_head_rows(study, summary),
        ("trials", f"{summary['trials']}, of which {summary['finished']} are finished"),
        *_training_rows(summary),
        ("memory", _memory(summary)),
        ("time to train", _time(summary["seconds"], summary.get("workers", 1))),
    ]


def _training_rows(summary: dict[str, Any]) -> list[tuple[str, str]]:
    """What trains at once."""
    if "workers" in summary:
        at_once = f"{summary['workers']} at once (--workers), each in a process of its own"
        return [("to train", f"{summary['to_train']} trials, {at_once}")]
    return [
        ("to train", f"{summary['to_train']} trials in {summary['cohorts']} cohorts"),
        *((f"one by one: {label}", why) for label, why in summary["one_by_one"].items()),
        *((f"{label} is evaluated at", at) for label, at in summary["evaluated_at"].items()),
    ]


def _head_rows(study: "Study", summary: dict[str, Any]) -> list[tuple[str, str]]:
    """Of a head on frozen features."""
    if not study.has_head:
        return []
    products = study.model.head_products
    return [
        ("features in", study.model.precision_words),
        *([("head's products in", products)] if products != "float32" else []),
        *([("mirror images", words)] if (words := study.pictures.flips_words) else []),
        ("first layer", _first_layer(summary)),
    ]


def _pictures_rows(task: "Task | None") -> list[tuple[str, str]]:
    from sweep.results.account import account_of
    from sweep.results.account_words import statements

    if task is None:
        return [("pictures", "not here")]
    if task.dataset is None:
        return []
    said = statements(account_of(task.dataset))
    return [(term if term.startswith("EXIF") else term.lower(), text) for term, text in said]


def _own_values(study: "Study") -> list[tuple[str, str]]:
    """Where an optimizer has other values on an axis, or does not follow it."""
    rows = []
    for optimizer in study.optimizers:
        for axis in study.axes:
            if axis.name in optimizer.fixed:
                rows.append((f"{axis.words} of {optimizer.label}", "the same at every value"))
            elif axis.name in optimizer.values:
                own = study.axis_of(optimizer, axis).values
                rows.append((f"{axis.words} of {optimizer.label}", values_text(own)))
    return rows


def _first_layer(summary: dict[str, Any]) -> str:
    """Whose kernels compute it."""
    labels = summary["numba_kernel"]
    if not labels:
        return "by the backend's kernels"
    return f"{', '.join(labels)}: by a numba kernel on a processor, if features are mostly zeros"


def _with_kernel(trials: "Sequence[Trial]", backend: str) -> list[str]:
    """The optimizers that have a kernel for sparse features, where it can be compiled."""
    from sweep.training.sparse import can_be_compiled, has_kernel

    if backend != "tensorflow" or not can_be_compiled():
        return []
    if any(each.config.hidden_units is None for each in trials):
        return []
    return list(dict.fromkeys(each.optimizer for each in trials if has_kernel(each.config)))


def _memory(summary: dict[str, Any]) -> str:
    memory = summary["memory_bytes"]
    if memory is None:
        return "unknown"
    most = summary["trials_at_once"]
    return (
        f"about {memory / 1e9:.1f} GB, at most {most} {'trial' if most == 1 else 'trials'} at once"
    )


def _time(seconds: float | None, at_once: int) -> str:
    if seconds is None:
        return "unknown until a first cohort has run here"
    return f"about {seconds / at_once / 60:.1f} minutes, by the finished trials"
