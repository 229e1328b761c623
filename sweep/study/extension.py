"""What a run may change in a stored study: add learning rates, seeds and optimizers. Pure."""

from collections.abc import Iterator
from typing import Any

from sweep.errors import StudyChangedError
from sweep.study.study import Study

_EXTENSIBLE = frozenset({"axes", "seeds", "optimizers"})
_WORDS = frozenset({"name", "question"})
_IN_KEY = frozenset({"pictures.twins"})
"""What they do, the features' key covers: where that is the same, they changed nothing."""


def extended(stored: Study, stored_key: str, asked: Study, asked_key: str) -> Study:
    """The stored study with what the asked one adds.

    Learning rates and seeds are united; added optimizers come after the stored ones; what the
    asked study leaves out stays. The question is taken as it is asked now: it is words, and what
    is added may change them.

    Raises:
        StudyChangedError: they differ in something else; it lists what.
    """
    differences = list(_differences(stored, stored_key, asked, asked_key))
    if differences:
        raise StudyChangedError(
            f"The store's study {stored.name!r} may gain values, seeds and optimizers; "
            "all else stays as it was first run.",
            got="; ".join(differences),
            remedy="Give this one a name of its own with --name NAME, or undo the change.",
        )
    labels = {optimizer.label for optimizer in stored.optimizers}
    return stored.replace(
        question=asked.question,
        axes=[
            axis.model_copy(update={"values": tuple(sorted({*axis.values, *added.values}))})
            for axis, added in zip(stored.axes, asked.axes, strict=True)
        ],
        seeds=sorted({*stored.seeds, *asked.seeds}),
        optimizers=[
            *stored.optimizers,
            *(optimizer for optimizer in asked.optimizers if optimizer.label not in labels),
        ],
    )


def _differences(stored: Study, stored_key: str, asked: Study, asked_key: str) -> Iterator[str]:
    then, now = stored.model_dump(mode="json"), asked.model_dump(mode="json")
    covered = _IN_KEY if stored_key == asked_key else frozenset()
    for field in then:
        if field not in _EXTENSIBLE | _WORDS:
            for path, words in _field_differences(field, then[field], now[field]):
                if path not in covered:
                    yield words
    if _axes(stored) != _axes(asked):
        yield f"axes: stored {_axes(stored)}, now {_axes(asked)}"
    yield from _optimizer_differences(stored, asked)
    if stored_key != asked_key:
        yield f"features (pictures or weights): stored {stored_key}, now {asked_key}"


def _axes(study: Study) -> str:
    return " × ".join(f"{axis.name} ({axis.scale})" for axis in study.axes)


def _field_differences(path: str, then: Any, now: Any) -> Iterator[tuple[str, str]]:
    """The path of each field that differs, and the difference in words."""
    if isinstance(then, dict) and isinstance(now, dict):
        for key in then | now:
            yield from _field_differences(f"{path}.{key}", then.get(key), now.get(key))
    elif then != now:
        yield path, f"{path}: stored {then!r}, now {now!r}"


def _optimizer_differences(stored: Study, asked: Study) -> Iterator[str]:
    by_label = {optimizer.label: optimizer.definition() for optimizer in stored.optimizers}
    for optimizer in asked.optimizers:
        now = optimizer.definition()
        if optimizer.label in by_label:
            path, then = f"optimizer {optimizer.label}", by_label[optimizer.label]
            yield from (words for _, words in _field_differences(path, then, now))
            continue
        for label, then in by_label.items():
            if then == now:
                yield f"label of an optimizer: stored {label!r}, now {optimizer.label!r}"
