"""How far a study is: its size and outcomes in one line, and what a reader must be warned of."""

from collections.abc import Iterator

from sweep.analysis.evidence import Evidence
from sweep.analysis.wording import counted, counted_values
from sweep.results.records import Outcome
from sweep.results.results import Results
from sweep.results.trials import Trials
from sweep.study.axis import Axis
from sweep.study.study import Study


def progress(results: Results) -> str:
    """``105 of 105 trials finished · 3 optimizers × 7 learning rates × 5 seeds, 10 epochs``."""
    outcomes = Trials.of(results.trials).column("outcome")
    finished = sum(outcome is not None and outcome.is_finished for outcome in outcomes)
    said = [f"{finished} of {results.study.planned_trials} trials finished"]
    for outcome in (Outcome.DIVERGED, Outcome.FAILED):
        count = outcomes.count(outcome)
        if count:
            said.append(f"{count} {outcome}")
    if outcomes.count(None):
        said.append(f"{outcomes.count(None)} running")
    return f"{', '.join(said)} · {_size(results.study)}"


def _size(study: Study) -> str:
    """What a study is made of, with its epochs unless they are swept or not known."""
    parts = [
        counted(len(study.optimizers), "optimizer"),
        *(_values(study, axis) for axis in study.axes),
        counted(len(study.seeds), "seed"),
    ]
    is_one_number = not any(axis.name == "epochs" for axis in study.axes)
    if study.imported is not None and not study.imported.has_epochs:
        is_one_number = False
    return " × ".join(parts) + (f", {study.epochs} epochs" if is_one_number else "")


def _values(study: Study, axis: Axis) -> str:
    """``7 learning rates``, or ``3 to 7`` where optimizers have values of their own."""
    counts = {len(study.axis_of(optimizer, axis).values) for optimizer in study.optimizers}
    most = counted_values(max(counts), axis.words)
    return most if len(counts) == 1 else f"{min(counts)} to {most}"


def warnings(evidence: Evidence, results: Results) -> Iterator[str]:
    """That trials are missing, and what was left out of the measures."""
    planned = results.study.planned_trials
    finished = int(evidence.grid.finished_ONS.sum())
    if finished < planned:
        yield (
            f"This is a part of the study: {planned - finished} of {planned} trials are not "
            "finished. What is shown may change."
        )
    if finished and evidence.measures.dropped:
        yield " ".join(evidence.measures.dropped)
