"""What is stored: the studies of a store, and the results of one. For all commands that read."""

import shlex
from collections.abc import Callable, Sequence
from contextlib import closing

from sweep.cli.console import show_note
from sweep.errors import NoStoreError, StoreError
from sweep.results.results import Results
from sweep.settings import Settings
from sweep.store import Progress, Store, StudySummary, open_store
from sweep.store.named import stored_chapters, stored_name
from sweep.study import catalog
from sweep.study.collection import Collection


def stored_results(settings: Settings, target: str, *, rows_only: bool = False) -> Results:
    """The results of the study of this name, or of the study file at this path.

    A study that was run on rendered pets for want of data is found by its plain name too.

    Args:
        settings: where the store is.
        target: the study's name or file.
        rows_only: see ``Store.results``.
    """
    with closing(open_store(settings.store_url)) as store:
        return store.results(_told_name(store, target), rows_only=rows_only)


def stored_progress(
    settings: Settings, target: str | None, tell: Callable[[str], None] = show_note
) -> tuple[Progress, ...]:
    """How far one study is, found as by ``stored_results``; without a target all of the store.

    Of a collection, that of its studies.

    Args:
        settings: where the store is.
        target: which study or collection; None for all of the store.
        tell: is told which studies were not run, or are there under another name.

    Raises:
        StoreError: there is no store, it cannot be read, or has no such study.
    """
    with closing(open_store(settings.store_url)) as store:
        return tuple(map(store.progress, _names(store, target, tell)))


def _names(store: Store, target: str | None, tell: Callable[[str], None]) -> Sequence[str]:
    if target is None:
        return store.names()
    collection = None if target in store.names() else catalog.find_collection(target)
    if collection is None:
        return [_told_name(store, target, tell)]
    return names_of(store, collection, tell)


def names_of(
    store: Store, collection: Collection, tell: Callable[[str], None] = show_note
) -> list[str]:
    """The names in the store of a collection's studies; ``tell`` is told which were not run.

    Raises:
        StoreError: none of them was.
    """
    names = stored_chapters(store, collection)
    missing = [study for study, name in names.items() if name is None]
    if len(missing) == len(names):
        raise StoreError(
            f"no study of the collection {collection.name} is in the store",
            rule=f"Its studies are {', '.join(names)}.",
            remedy=f"Run them first: `sweep run {shlex.quote(collection.name)}`; or name another "
            "store with --store URL.",
        )
    if missing:
        tell(f"Not run of {collection.name}: {', '.join(missing)}.")
    return [name for name in names.values() if name is not None]


def _told_name(store: Store, target: str, tell: Callable[[str], None] = show_note) -> str:
    """The name of a study in the store; ``tell`` is told where that is another one."""
    name = stored_name(store, target)
    if name != target and not catalog.is_path(target):
        tell(f"{target} is in the store as {name}.")
    return name


def stored_studies(settings: Settings) -> tuple[StudySummary, ...]:
    """How far each study of the store is.

    Raises:
        StoreError: there is no store, or it cannot be read.
    """
    with closing(open_store(settings.store_url)) as store:
        return store.studies()


def studies_if_any(settings: Settings) -> tuple[StudySummary, ...]:
    """As ``stored_studies``; none, with a note, where the store cannot be read."""
    try:
        return stored_studies(settings)
    except NoStoreError:
        return ()
    except StoreError as error:
        show_note(str(error))
        return ()
