"""What is stored: the studies of a store, and the results of one. For all commands that read."""

from contextlib import closing

from sweep.cli.console import show_note
from sweep.errors import NoStoreError, StoreError
from sweep.results.results import Results
from sweep.settings import Settings
from sweep.store import StudySummary, open_store
from sweep.study import catalog
from sweep.study.tasks import RENDERED_PETS


def stored_results(settings: Settings, target: str) -> Results:
    """The results of the study of this name, or of the study file at this path.

    A study that was run on rendered pets for want of data is found by its plain name too.
    """
    name = catalog.load(target).name if target.endswith(".py") else target
    with closing(open_store(settings.store_url)) as store:
        names = [summary.name for summary in store.studies()]
        on_pets = f"{name}-{RENDERED_PETS}"
        if name not in names and on_pets in names:
            show_note(f"{name} is in the store as {on_pets}.")
            name = on_pets
        return store.results(name)


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
