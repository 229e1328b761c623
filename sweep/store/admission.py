"""A run's own rows: its study, which must be the one that is stored, and its begin and end.

Under ``writer.py``. Each function can be repeated: what it wrote before, it finds.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select, update

from sweep.errors import StoreBusyError, StudyChangedError
from sweep.results.provenance import Provenance
from sweep.store import schema
from sweep.store.reading import provenance_of, study_of
from sweep.store.removal import Content, content_of, has_finished, remove_content
from sweep.study.axis import Point
from sweep.study.extension import (
    code_differences,
    differences,
    extended,
    file_differences,
    grown,
)
from sweep.study.study import Study

_PROVENANCE = TypeAdapter(Provenance)


@dataclass(frozen=True)
class Admitted:
    """A study that a run may write to.

    Attributes:
        study_id: its row.
        study: as the store now has it.
        replaced: what was thrown away for it, in a sentence; None where nothing was.
    """

    study_id: int
    study: Study
    replaced: str | None = None


def admit(connection: Connection, study: Study, provenance: Provenance) -> Admitted:
    """The study's row: new, extended by what is asked, or defined anew.

    Only finished trials hold a definition: where there is none, what is asked takes its place.

    Raises:
        StudyChangedError: the stored study of that name asks something else, or an optimizer of
            the user's own has other code than its finished trials were trained with.
    """
    columns, features_key = schema.studies.c, provenance.features_key
    row = connection.execute(
        select(columns.study_id, columns.features_key, columns.definition).where(
            columns.name == study.name
        )
    ).one_or_none()
    if row is None:
        statement = insert(schema.studies).values(
            name=study.name, features_key=features_key, definition=study.model_dump(mode="json")
        )
        study_id = connection.execute(statement.returning(columns.study_id)).scalar_one()
        return Admitted(study_id, study)
    stored = study_of(row.definition)
    if not has_finished(connection, row.study_id):
        left_out = _left_out(stored, row.features_key, study, features_key)
        if left_out:
            content = content_of(connection, row.study_id)
            remove_content(connection, row.study_id)
            _define(connection, row.study_id, study, features_key)
            return Admitted(row.study_id, study, _thrown_away(study.name, content, left_out))
    changed_code = [
        *_code_differences(connection, row.study_id, study, provenance.code),
        *_task_code_differences(connection, row.study_id, provenance.task_code),
    ]
    union = extended(stored, row.features_key, study, features_key, changed_code)
    if union != stored:
        _define(connection, row.study_id, union, features_key)
    return Admitted(row.study_id, union)


def _define(connection: Connection, study_id: int, study: Study, features_key: str) -> None:
    connection.execute(
        update(schema.studies)
        .where(schema.studies.c.study_id == study_id)
        .values(definition=study.model_dump(mode="json"), features_key=features_key)
    )


def grow(
    connection: Connection,
    study_id: int,
    points: Collection[tuple[str, Point]],
    seeds: Collection[int],
) -> Study:
    """The study, which has what a design has added to it from now on; see ``extension.grown``."""
    columns = schema.studies.c
    row = connection.execute(
        select(columns.definition, columns.features_key).where(columns.study_id == study_id)
    ).one()
    study = grown(study_of(row.definition), points, seeds)
    _define(connection, study_id, study, row.features_key)
    return study


def _left_out(stored: Study, stored_key: str, asked: Study, asked_key: str) -> str | None:
    """What of the stored study the asked one is without, in words; None if it has all of it."""
    try:
        union = extended(asked, asked_key, stored, stored_key)
    except StudyChangedError:
        return "; ".join(differences(stored, stored_key, asked, asked_key))
    is_whole = union.model_copy(update={"question": asked.question}) == asked
    return None if is_whole else "values, seeds or optimizers are left out"


def _thrown_away(name: str, content: Content, left_out: str) -> str:
    runs = "1 run" if content.runs == 1 else f"{content.runs} runs"
    attempts = f"{content.failed} failed trials of " if content.failed else ""
    return (
        f"Study {name!r} had no finished trial, so it is now as it is asked ({left_out}); "
        f"the record of {attempts}{runs} was thrown away"
    )


def _code_differences(
    connection: Connection, study_id: int, study: Study, code: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    """Of the run's own optimizers that have finished trials: what of their code has changed."""
    asked = {optimizer.label for optimizer in study.optimizers} & code.keys()
    if not asked:
        return
    trained = set(
        connection.scalars(
            select(schema.trials.c.optimizer)
            .join(schema.trainings)
            .where(schema.trials.c.study_id == study_id)
            .where(schema.trainings.c.outcome.in_(schema.FINISHED))
            .distinct()
        )
    )
    recorded = _recorded_code(connection, study_id)
    for label in sorted(asked & trained):
        yield from code_differences(label, recorded.get(label), code[label])


def _task_code_differences(
    connection: Connection, study_id: int, code: Mapping[str, str]
) -> Iterator[str]:
    """What has changed in the code of the study's own task since it was last trained."""
    recorded = [*_recorded(connection, study_id)]
    if recorded and code:
        yield from file_differences("", recorded[-1].task_code, code)


def _recorded_code(connection: Connection, study_id: int) -> dict[str, Mapping[str, str]]:
    """Of each own optimizer, by label, what the last run that had it recorded."""
    recorded: dict[str, Mapping[str, str]] = {}
    for provenance in _recorded(connection, study_id):
        recorded |= provenance.code
    return recorded


def _recorded(connection: Connection, study_id: int) -> Iterator[Provenance]:
    """What each run of a study recorded, the last one last."""
    stored = connection.scalars(
        select(schema.runs.c.provenance)
        .where(schema.runs.c.study_id == study_id)
        .order_by(schema.runs.c.run_id)
    )
    return map(provenance_of, stored)


def insert_run(
    connection: Connection, study_id: int, provenance: Provenance, started_at: datetime
) -> int:
    """A run's row, as it begins; returns its id. A run is known by when and where it began."""
    values = {
        "study_id": study_id,
        "started_at": started_at,
        "host": provenance.host,
        "process": provenance.process,
    }
    columns = schema.runs.c
    known = connection.scalar(
        select(columns.run_id).where(*(columns[name] == x for name, x in values.items()))
    )
    if known is not None:
        return known
    statement = insert(schema.runs).values(
        **values,
        command=provenance.command,
        provenance=_PROVENANCE.dump_python(provenance, mode="json"),
    )
    return connection.execute(statement.returning(columns.run_id)).scalar_one()


def refuse_later_run(connection: Connection, study_id: int, run_id: int) -> None:
    """Let a run write only as long as it is the study's last.

    Raises:
        StoreBusyError: a later one has begun.
    """
    later = connection.execute(
        select(schema.runs.c.host, schema.runs.c.process)
        .where(schema.runs.c.study_id == study_id, schema.runs.c.run_id > run_id)
        .limit(1)
    ).one_or_none()
    if later is not None:
        raise StoreBusyError(
            f"a run of process {later.process} on {later.host} writes to the study: it began while "
            "this one had lost the store's lock",
            remedy="Run it again, with --wait if that one goes on; what was finished is kept.",
        )


def finish_run(connection: Connection, run_id: int) -> None:
    """A run has come to its end."""
    connection.execute(
        update(schema.runs)
        .where(schema.runs.c.run_id == run_id, schema.runs.c.finished_at.is_(None))
        .values(finished_at=datetime.now(UTC))
    )
