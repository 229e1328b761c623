"""The study that imported trials are of, and these trials as records. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from sweep.errors import UsageError
from sweep.importing.courses import Course
from sweep.importing.rows import Found
from sweep.results.records import FIGURES, Outcome, TrialRecord
from sweep.study.axis import Axis, Value
from sweep.study.hyperparameters import hyperparameter
from sweep.study.optimizer import IMPORTED, Optimizer
from sweep.study.problems import invalid
from sweep.study.study import Study
from sweep.study.tasks import Imported

PREFIX = "imported-"
"""Of the fingerprints of imported trials, which no trained one has."""
RESULTS = "imported results"


def name_of(path: Path) -> str:
    """The name of a study whose file is imported without one: the file's, without its ending."""
    return path.stem.strip() or RESULTS


def study_of(
    found: Found, name: str, *, question: str | None = None, results: str | None = None
) -> Study:
    """The study of a table's trials.

    Args:
        found: the table's trials.
        name: what the store is to know it by.
        question: what it asks; None for words that say where it is from.
        results: what titles call its results, e.g. ``CIFAR-10``; None for ``imported results``.

    Raises:
        StudyError: the name is none, or there are too many values or seeds.
    """
    names = list(found.courses[0].point)
    values = {axis: _values(found.courses, axis) for axis in names}
    labels = dict.fromkeys(course.optimizer for course in found.courses)
    try:
        return Study(
            name=name,
            question=question or _question([*labels], names, found.metric.name),
            optimizers=[_optimizer(label, found.courses, values) for label in labels],
            axes=[Axis(name=axis, values=values[axis]) for axis in names],
            seeds=sorted({course.seed for course in found.courses}),
            epochs=found.epochs,
            imported=Imported(
                results=results or RESULTS,
                figures=tuple(figure for figure in FIGURES if figure in found.figures),
                has_epochs=found.has_epochs,
                guessing=found.guessing,
                metric=found.metric,
            ),
        )
    except ValidationError as error:
        raise invalid(f"the imported study {name}", error) from error


def _question(labels: Sequence[str], axes: Sequence[str], metric: str) -> str:
    of = f" of {' and '.join(labels)}" if len(labels) <= 2 else f" of {len(labels)} optimizers"
    swept = " and the ".join(hyperparameter(name).words for name in axes)
    return f"How much does the {metric}{of} depend on the {swept}?"


def _values(courses: Iterable[Course], axis: str) -> tuple[Value, ...]:
    return tuple(sorted({course.point[axis] for course in courses}))


def _optimizer(
    label: str, courses: Sequence[Course], values: Mapping[str, tuple[Value, ...]]
) -> Optimizer:
    """With values of its own on the axes where it has not all."""
    its_own = [course for course in courses if course.optimizer == label]
    own = {axis: _values(its_own, axis) for axis in values}
    differing = {axis: has for axis, has in own.items() if has != values[axis]}
    return Optimizer(label=label, algorithm=IMPORTED, values=differing)


def records(found: Found, name: str) -> tuple[TrialRecord, ...]:
    """The trials as records of the study of this name, numbered from 0."""
    return tuple(_record(number, course, name) for number, course in enumerate(found.courses))


def _record(number: int, course: Course, name: str) -> TrialRecord:
    diverged = course.diverged_at_epoch is not None
    said = repr((name, course.optimizer, course.point.pairs, course.seed))
    return TrialRecord(
        number=number,
        optimizer=course.optimizer,
        point=course.point,
        seed=course.seed,
        fingerprint=PREFIX + sha256(said.encode()).hexdigest()[:32],
        outcome=Outcome.DIVERGED if diverged else Outcome.COMPLETED,
        diverged_at_epoch=course.diverged_at_epoch,
        seconds=course.seconds,
        epochs=course.epochs,
    )


def beside(
    stored: Study | None, asked: Study, *, question: str | None, results: str | None
) -> Study:
    """What is asked, with what only the stored study of that name says.

    Words that were not given stay as they are stored, and so does the level of guessing where this
    file does not say it.

    Args:
        stored: the store's study of that name; None where it has none.
        asked: of the file.
        question, results: as they were given; None where they were not.

    Raises:
        UsageError: the stored study was trained.
    """
    if stored is None or asked.imported is None:
        return asked
    if stored.imported is None:
        raise UsageError(
            f"sweep has trained {asked.name}",
            rule="Imported results and trained ones make two studies.",
            remedy="Give the imported ones a name of their own with --name NAME.",
        )
    then, now = stored.imported, asked.imported
    kept = now.model_copy(
        update={
            "results": results or then.results,
            "guessing": then.guessing if now.guessing is None else now.guessing,
        }
    )
    return asked.replace(
        question=question or stored.question,
        imported=kept,
        margin=stored.margin,
        pairs=stored.pairs,
    )


def with_numbers(trials: Iterable[TrialRecord], first: int) -> tuple[TrialRecord, ...]:
    """The trials, numbered from ``first``."""
    return tuple(
        trial if trial.number == number else replace(trial, number=number)
        for number, trial in enumerate(trials, first)
    )
