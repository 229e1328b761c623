"""The study that a run or plan is asked for, as the catalog finds it; no imported one."""

import shlex
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Any

from sweep.errors import StoreError, StudyError, UsageError
from sweep.settings import Settings
from sweep.store.store import open_store
from sweep.study import catalog
from sweep.study.study import Study


def asked_study(target: str, changes: Mapping[str, Any], settings: Settings) -> Study:
    """The study of a name or path as it is asked for, to be planned or run.

    Raises:
        StudyError: there is none.
        UsageError: the store has one of that name, which was imported.
    """
    try:
        return catalog.load(target, changes)
    except StudyError:
        with suppress(StoreError), closing(open_store(settings.store_url)) as store:
            refuse_imported(store.study(target))
        raise


def refuse_imported(study: Study | None) -> None:
    """Raise UsageError where a stored study was imported, and so cannot be trained."""
    if study is not None and study.imported is not None:
        raise UsageError(
            f"{study.name} was imported, so it cannot be trained",
            rule="Of its optimizers and data only the results are known.",
            remedy=f"See them with `sweep report {shlex.quote(study.name)}`, add to them with "
            "`sweep import`, or run a study under another name with --name NAME.",
        )
