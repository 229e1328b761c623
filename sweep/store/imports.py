"""Imported trials on their way into the tables: in one transaction, all of them or none.

What is there already is compared, and not written again. Nothing is made up for columns of what
sweep itself would have measured: they are NULL. ``importing`` makes the trials of a file.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from sweep.errors import UsageError
from sweep.importing.definition import beside, with_numbers
from sweep.results.provenance import Provenance
from sweep.results.records import EpochRecord, Outcome, TrialRecord
from sweep.store import admission, reading, schema
from sweep.store.encoding import epoch_row
from sweep.store.inserting import insert_rows
from sweep.study.axis import Point
from sweep.study.extension import extended
from sweep.study.study import Study

FEATURES_KEY = "imported"
"""In the place of the hash of what was trained on, which is not known."""
MAX_TOLD = 5
"""So many trials are named that are stored otherwise."""

Identity = tuple[str, Point, int]


@dataclass(frozen=True)
class Arrival:
    """Trials to be stored.

    Attributes:
        study: of the file.
        trials: its trials.
        lines: of each trial its last line in the file.
        provenance: of this import.
        question, results: words of the study, as they were given; None where they were not.
    """

    study: Study
    trials: Sequence[TrialRecord]
    lines: Sequence[int]
    provenance: Provenance
    question: str | None
    results: str | None


@dataclass(frozen=True)
class Imports:
    """What came of an import.

    Attributes:
        study_id: the study's row.
        study: as it is stored now.
        added: new trials.
        known: trials that were there already, with the same values.
    """

    study_id: int
    study: Study
    added: int
    known: int


def add(connection: Connection, arrival: Arrival) -> Imports:
    """Add what is new; the caller holds the study's lock.

    Raises:
        UsageError: the study was trained, or a trial is stored with other values.
        StudyChangedError: the stored study differs in more than values, seeds and optimizers.
    """
    study_id, study, is_changed = _admit(connection, arrival)
    names = [axis.name for axis in study.axes]
    trials = [_ordered(trial, names) for trial in arrival.trials]
    stored = {_identity(trial): trial for trial in reading.trials(connection, study_id)}
    if stored:
        _refuse_other_values(trials, arrival.lines, stored)
    new = with_numbers(
        (trial for trial in trials if not stored or _identity(trial) not in stored),
        _next_number(stored.values()),
    )
    if new or is_changed:
        run_id = admission.insert_run(
            connection, study_id, arrival.provenance, started_at=datetime.now(UTC)
        )
        _insert(connection, study_id, run_id, new)
        admission.finish_run(connection, run_id)
    return Imports(study_id, study, len(new), len(trials) - len(new))


def _admit(connection: Connection, arrival: Arrival) -> tuple[int, Study, bool]:
    """The study's row, the study as it is stored now, and whether that is another one."""
    columns = schema.studies.c
    row = connection.execute(
        select(columns.study_id, columns.definition).where(columns.name == arrival.study.name)
    ).one_or_none()
    stored = None if row is None else reading.study_of(row.definition)
    asked = beside(stored, arrival.study, question=arrival.question, results=arrival.results)
    if row is None or stored is None:
        values = {"name": asked.name, "features_key": FEATURES_KEY, "definition": _said(asked)}
        statement = insert(schema.studies).values(values).returning(columns.study_id)
        return connection.execute(statement).scalar_one(), asked, True
    union = extended(_worded(stored, asked), FEATURES_KEY, asked, FEATURES_KEY)
    if union != stored:
        connection.execute(
            update(schema.studies)
            .where(columns.study_id == row.study_id)
            .values(definition=_said(union))
        )
    return row.study_id, union, union != stored


def _said(study: Study) -> dict[str, Any]:
    return study.model_dump(mode="json")


def _worded(stored: Study, asked: Study) -> Study:
    """The stored study with the new words, and a level of guessing if it had none."""
    then, now = stored.imported, asked.imported
    if then is None or now is None:
        return stored
    level = now.guessing if then.guessing is None else then.guessing
    said = then.model_copy(update={"results": now.results, "guessing": level})
    return stored.model_copy(update={"imported": said})


def _ordered(trial: TrialRecord, names: Sequence[str]) -> TrialRecord:
    """With the point's values in the order of these axes."""
    if [name for name, _ in trial.point.pairs] == names:
        return trial
    values = {**vars(trial), "point": Point.of({name: trial.point[name] for name in names})}
    return TrialRecord(**values)


def _identity(trial: TrialRecord) -> Identity:
    return trial.optimizer, trial.point, trial.seed


def _next_number(stored: Iterable[TrialRecord]) -> int:
    return max((trial.number for trial in stored), default=-1) + 1


def _refuse_other_values(
    trials: Sequence[TrialRecord], lines: Sequence[int], stored: Mapping[Identity, TrialRecord]
) -> None:
    differing = [
        f"line {line}: {trial.optimizer}, {trial.point}, seed {trial.seed}"
        for trial, line in zip(trials, lines, strict=True)
        if (known := stored.get(_identity(trial))) is not None and _ends(known) != _ends(trial)
    ]
    if differing:
        more = f"\n    … ({len(differing):,} trials)" if len(differing) > MAX_TOLD else ""
        raise UsageError(
            "nothing was imported: trials have other values than are stored\n    "
            + "\n    ".join(differing[:MAX_TOLD])
            + more,
            rule="A trial that was imported keeps its values.",
            remedy="Import them under another name with --name NAME, or remove the stored ones "
            "with `sweep store forget`.",
        )


def _ends(trial: TrialRecord) -> tuple[Any, ...]:
    """All that a trial says, such that what is not known is equal to itself."""
    return trial.outcome, trial.diverged_at_epoch, *map(_figures, trial.epochs)


def _figures(epoch: EpochRecord) -> tuple[Any, ...]:
    return tuple(None if math.isnan(value) else value for value in epoch)


def _insert(
    connection: Connection, study_id: int, run_id: int, trials: Sequence[TrialRecord]
) -> None:
    """The rows of new trials: those of one optimizer and seed are a cohort."""
    cohorts: dict[tuple[str, int], list[TrialRecord]] = {}
    for trial in trials:
        cohorts.setdefault((trial.optimizer, trial.seed), []).append(trial)
    if not cohorts:
        return
    now, ids = datetime.now(UTC), schema.cohorts.c
    connection.execute(
        insert(schema.cohorts),
        [
            {
                "run_id": run_id,
                "number": number,
                "optimizer": optimizer,
                "seed": seed,
                "points": [dict(trial.point) for trial in members],
                "started_at": now,
                "ended_at": now,
                "provenance": {},
            }
            for number, ((optimizer, seed), members) in enumerate(cohorts.items())
        ],
    )
    found = connection.execute(select(ids.number, ids.cohort_id).where(ids.run_id == run_id))
    cohort_ids = {row.number: row.cohort_id for row in found}
    in_order = [(cohort_ids[n], trial) for n, some in enumerate(cohorts.values()) for trial in some]
    _insert_trainings(connection, in_order)
    _insert_trials(connection, study_id, run_id, trials)


def _insert_trainings(connection: Connection, trials: Sequence[tuple[int, TrialRecord]]) -> None:
    columns = "cohort_id", "fingerprint", "outcome", "diverged_at_epoch", "seconds"
    outcomes = {outcome: outcome.value for outcome in Outcome}
    rows = [
        (
            *(cohort_id, trial.fingerprint, trial.outcome and outcomes[trial.outcome]),
            *(trial.diverged_at_epoch, trial.seconds),
        )
        for cohort_id, trial in trials
    ]
    insert_rows(connection, schema.trainings, columns, rows)


def _insert_trials(
    connection: Connection, study_id: int, run_id: int, trials: Sequence[TrialRecord]
) -> None:
    """The trials with their epochs, after their trainings."""
    training = schema.trainings.c
    rows = connection.execute(
        select(training.fingerprint, training.training_id)
        .join(schema.cohorts)
        .where(schema.cohorts.c.run_id == run_id)
    )
    ids = {row.fingerprint: row.training_id for row in rows}
    texts = {point: json.dumps(dict(point)) for point in {trial.point for trial in trials}}
    columns = "study_id", "number", "training_id", "optimizer", "point", "seed"
    every = [
        (
            *(study_id, trial.number, ids[trial.fingerprint]),
            *(trial.optimizer, texts[trial.point], trial.seed),
        )
        for trial in trials
    ]
    insert_rows(connection, schema.trials, columns, every)
    epochs = [
        tuple(epoch_row(ids[trial.fingerprint], epoch).values())
        for trial in trials
        for epoch in trial.epochs
    ]
    insert_rows(connection, schema.epochs, schema.epochs.columns.keys(), epochs)
