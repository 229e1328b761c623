"""What is stored: the studies of a store, and the results of one. For all commands that read."""

from contextlib import closing

from sweep.cli.console import show_note
from sweep.errors import NoStoreError, StoreError
from sweep.results.results import Results
from sweep.settings import Settings
from sweep.store import Progress, Store, StudySummary, open_store
from sweep.study import catalog
from sweep.study.tasks import RENDERED_PETS


def stored_results(settings: Settings, target: str, *, rows_only: bool = False) -> Results:
    """The results of the study of this name, or of the study file at this path.

    A study that was run on rendered pets for want of data is found by its plain name too.

    Args:
        settings: where the store is.
        target: the study's name or file.
        rows_only: see ``Store.results``.
    """
    name = _name(target)
    with closing(open_store(settings.store_url)) as store:
        return store.results(stored_name(store, name), rows_only=rows_only)


def stored_progress(settings: Settings, target: str | None) -> tuple[Progress, ...]:
    """How far one study is, found as by ``stored_results``; without a target all of the store.

    Raises:
        StoreError: there is no store, it cannot be read, or has no such study.
    """
    name = _name(target) if target else None
    with closing(open_store(settings.store_url)) as store:
        names = [stored_name(store, name)] if name else store.names()
        return tuple(map(store.progress, names))


def _name(target: str) -> str:
    return catalog.load(target).name if target.endswith(".py") else target


def stored_name(store: Store, name: str) -> str:
    """The name of a study in the store, where it may have been run on rendered pets."""
    names, on_pets = store.names(), f"{name}-{RENDERED_PETS}"
    if name not in names and on_pets in names:
        show_note(f"{name} is in the store as {on_pets}.")
        return on_pets
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
