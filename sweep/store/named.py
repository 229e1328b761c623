"""Which study of a store a name or the path of a study file means.

For everything that reads what is stored. A study may be in the store under another name than it is
asked for: its file has another name, or it was run on rendered pets for want of data.
"""

from collections.abc import Collection as Names

from sweep.errors import StudyError
from sweep.store.store import Store
from sweep.study import catalog
from sweep.study.collection import Collection
from sweep.study.tasks import RENDERED_PETS


def stored_name(store: Store, target: str) -> str:
    """The name in the store of the study of this name or path.

    Returns:
        Where there is none, what the store is to be asked for, so that its error tells it.

    Raises:
        StudyError: there is none, for it is a collection, or its file cannot be loaded.
    """
    names = store.names()
    if not catalog.is_path(target) and (known := _among(names, target)):
        return known
    found = catalog.find_any(target)
    if found is None:
        return target
    own = catalog.one_study(target, found).name
    return _among(names, own) or (own if catalog.is_path(target) else target)


def stored_chapters(store: Store, collection: Collection) -> dict[str, str | None]:
    """By what a collection calls its studies, their names in the store; None where not run."""
    names = store.names()
    return {study: _among(names, _own_name(study)) for study in collection.studies}


def _among(names: Names[str], name: str) -> str | None:
    on_pets = f"{name}-{RENDERED_PETS}"
    return next((each for each in (name, on_pets) if each in names), None)


def _own_name(target: str) -> str:
    """What a study is called in its file; the target itself, where it has none that can be read."""
    try:
        return catalog.load(target).name
    except StudyError:
        return target
