"""What a run may change in a stored study: add values, seeds and optimizers. Pure.

And what the stored study decides where a run leaves it to a default that has changed since.
"""

import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sweep.errors import StudyChangedError
from sweep.study.axis import Axis, Point, Value
from sweep.study.optimizer import Optimizer
from sweep.study.study import CHANGES_NO_NUMBER, Study
from sweep.study.tasks import AUTO, KEPT_AS_BEGUN

_EXTENSIBLE = frozenset({"axes", "seeds", "optimizers"})
_WORDS = frozenset({"name", "question"})


def as_begun(stored: Study | None, asked: Study) -> Study:
    """The study as it is asked for, by the defaults that the stored one was begun with.

    What is kept are the fields of its pictures in ``KEPT_AS_BEGUN``, unless they are asked for, and
    the precision of its features, unless one is asked for other than ``auto``.

    Args:
        stored: the store's study of that name; None where it has none.
        asked: what is asked now.

    Example:
        >>> asked = Study(name="mine", question="?", optimizers=["adam"], learning_rates=[0.1],
        ...               seeds=1)
        >>> stored = asked.replace(pictures={"twins": "apart"})
        >>> as_begun(stored, asked).pictures.twins
        'apart'
        >>> as_begun(stored, asked.replace(pictures={"twins": "together"})).pictures.twins
        'together'
    """
    if stored is None:
        return asked
    kept = {
        name: getattr(stored.pictures, name)
        for name in KEPT_AS_BEGUN - asked.pictures.model_fields_set
    }
    parts: dict[str, Any] = {"pictures": asked.pictures.model_copy(update=kept)}
    if asked.model.precision == AUTO:
        precision = {"precision": stored.model.precision}
        parts["model"] = asked.model.model_copy(update=precision)
    return asked.model_copy(update=parts)


def kept_in_words(asked: Study, taken: Study, told: Collection[str] = KEPT_AS_BEGUN) -> str | None:
    """What ``as_begun`` has taken from the store, in a sentence; None where that is nothing.

    Args:
        asked: before it.
        taken: after it.
        told: the fields that are worth telling of.
    """
    then, now = taken.pictures, asked.pictures
    kept = [
        f"{name} {getattr(then, name)!r} (now the default is {getattr(now, name)!r})"
        for name in sorted(told)
        if getattr(then, name) != getattr(now, name)
    ]
    if not kept:
        return None
    return f"{taken.name} goes on as it was begun, with {' and '.join(kept)}."


def extended(
    stored: Study,
    stored_key: str,
    asked: Study,
    asked_key: str,
    changed_code: Iterable[str] = (),
) -> Study:
    """The stored study with what the asked one adds.

    The axes' values are united, whatever the order of the axes, and so are seeds and the values
    that an optimizer has of its own; added optimizers come after the stored ones; what the asked
    study leaves out stays. The question is taken as it is asked now: it is words, and what is
    added may change them; so is what changes no number: how results are read, and whether gradients
    are recorded.

    Args:
        stored, asked: both studies.
        stored_key, asked_key: what each trains on.
        changed_code: see ``code_differences``.

    Raises:
        StudyChangedError: they differ in something else; it lists what.
    """
    found = [*differences(stored, stored_key, asked, asked_key), *changed_code]
    if found:
        raise StudyChangedError(
            f"{stored.name!r} differs from the study of that name in the store: {'; '.join(found)}",
            rule="A stored study may gain values, seeds and optimizers; all else stays as it was "
            "first run.",
            remedy="Give this one a name of its own with --name NAME, undo the change, or remove "
            f"the stored one with `sweep store forget {shlex.quote(stored.name)}`.",
        )
    axes = {axis.name: _united_axis(axis, _named(asked.axes, axis.name)) for axis in stored.axes}
    by_label = {optimizer.label: optimizer for optimizer in asked.optimizers}
    known = [
        _united_optimizer(optimizer, by_label.pop(optimizer.label, optimizer), stored, asked, axes)
        for optimizer in stored.optimizers
    ]
    parts = {name: getattr(stored, name) for name in Study.model_fields}
    return Study.stored(
        parts
        | {
            "question": asked.question,
            **{name: getattr(asked, name) for name in CHANGES_NO_NUMBER},
            "axes": tuple(axes.values()),
            "seeds": tuple(sorted({*stored.seeds, *asked.seeds})),
            "optimizers": (*known, *by_label.values()),
        }
    )


def with_values(study: Study, values: Iterable[Value]) -> Study:
    """The study with more values on its first axis, for every optimizer.

    Example:
        >>> study = Study(name="s", question="?", optimizers=["adam"], learning_rates=[0.1, 1],
        ...               seeds=1)
        >>> with_values(study, [0.3]).axes[0].values
        (0.1, 0.3, 1.0)
    """
    axis = study.axes[0]
    points = [Point(((axis.name, value),)) for value in values]
    asked = [(each.label, point) for each in study.optimizers for point in points]
    return grown(study, asked, ())


def grown(study: Study, points: Iterable[tuple[str, Point]], seeds: Iterable[int]) -> Study:
    """The study with what a design has added to it: the same study where that is nothing.

    Args:
        study: the stored one, or as it is asked for.
        points: labels of its optimizers with points they are trained at; an axis may be missing.
        seeds: that are trained.
    """
    shared = {axis.name: frozenset(axis.values) for axis in study.axes}
    theirs = {
        (each.label, name): frozenset(values)
        for each in study.optimizers
        for name, values in each.values.items()
    }
    new: dict[tuple[str, str], set[Value]] = {}
    for label, point in points:
        for name, value in point.items():
            if value not in theirs.get((label, name), shared[name]):
                new.setdefault((label, name), set()).add(value)
    own = {key: values for key, values in new.items() if key in theirs}
    parts = {
        "axes": tuple(_with_refined(axis, new, own.keys()) for axis in study.axes),
        "optimizers": tuple(_with_own(each, own) for each in study.optimizers),
        "seeds": _united(study.seeds, seeds),
    }
    return study.model_copy(update=parts)


def _with_refined(
    axis: Axis, new: Mapping[tuple[str, str], set[Value]], own: Collection[tuple[str, str]]
) -> Axis:
    """The axis with new values, all refined; those of an optimizer's own are not the axis'."""
    of_axis = {key: values for key, values in new.items() if key[1] == axis.name}
    if not of_axis:
        return axis
    shared = [values for key, values in of_axis.items() if key not in own]
    refined = _united(axis.refined, *of_axis.values())
    update = {"values": _united(axis.values, *shared), "refined": refined}
    return axis.model_copy(update=update)


def _with_own(optimizer: Optimizer, own: Mapping[tuple[str, str], set[Value]]) -> Optimizer:
    """The optimizer with more values on the axes that it has values of its own on."""
    values = {
        name: _united(known, own.get((optimizer.label, name), ()))
        for name, known in optimizer.values.items()
    }
    return (
        optimizer if values == optimizer.values else optimizer.model_copy(update={"values": values})
    )


def code_differences(
    label: str, then: Mapping[str, str] | None, now: Mapping[str, str]
) -> Iterator[str]:
    """What has changed in the code of an optimizer of the user's own, in words.

    Args:
        label: the optimizer's.
        then: the hash of each file's content when its trials were trained; None where that was
            not recorded.
        now: the same, today.
    """
    if then is None:
        yield f"optimizer {label}: its code was not recorded when it was trained, by sweep 0.1"
        return
    yield from file_differences(f"optimizer {label}: ", then, now)


def file_differences(of: str, then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """What has changed in code of the user's own, in words.

    Args:
        of: before each of them, whose code it is.
        then, now: the hash of each file's content.
    """
    for file in sorted(then.keys() | now.keys()):
        if file not in now:
            yield f"{of}it no longer imports {file}"
        elif file not in then:
            yield f"{of}it now imports {file}"
        elif then[file] != now[file]:
            yield f"{of}{file} has changed"


def _named(axes: Iterable[Axis], name: str) -> Axis:
    return next(axis for axis in axes if axis.name == name)


def _united_axis(stored: Axis, added: Axis) -> Axis:
    """All values of both; refined is what either has so, and none has as a value of its grid."""
    values = _united(stored.values, added.values)
    if not stored.refined and not added.refined:
        return stored.model_copy(update={"values": values})
    asked = {*stored.values}.difference(stored.refined) | {*added.values}.difference(added.refined)
    refined = tuple(x for x in _united(stored.refined, added.refined) if x not in asked)
    return stored.model_copy(update={"values": values, "refined": refined})


def _united(*several: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(sorted({value for values in several for value in values}))


def _united_optimizer(
    stored: Optimizer, added: Optimizer, study: Study, asked: Study, axes: Mapping[str, Axis]
) -> Optimizer:
    """The stored optimizer at its own values and those that it is asked for now.

    Where it has the axis' values in both studies, it has those of the united axis.
    """
    values = {}
    for name in stored.values.keys() | added.values.keys():
        united = _united(
            study.axis_of(stored, _named(study.axes, name)).values,
            asked.axis_of(added, _named(asked.axes, name)).values,
        )
        if united != axes[name].values:
            values[name] = united
    return stored.model_copy(update={"values": values})


def differences(stored: Study, stored_key: str, asked: Study, asked_key: str) -> Iterator[str]:
    """What differs in two studies, of what a run may not change, in words."""
    then, now = _definition(stored), _definition(asked)
    if "imported" in then.keys() ^ now.keys():
        then_words = "trained" if stored.imported is None else "imported"
        now_words = "trained" if asked.imported is None else "imported"
        yield f"results: stored {then_words}, now {now_words}"
        return
    for field in then | now:
        if field not in _EXTENSIBLE | _WORDS | CHANGES_NO_NUMBER:
            yield from _field_differences(
                field, _lasting(then.get(field)), _lasting(now.get(field))
            )
    if _scales(stored) != _scales(asked):
        yield f"axes: stored {_axes(stored)}, now {_axes(asked)}"
    yield from _optimizer_differences(stored, asked)
    if stored_key != asked_key:
        what = "features (pictures or weights)" if asked.task is None else "data or code"
        yield f"{what}: stored {stored_key}, now {asked_key}"


def _definition(study: Study) -> dict[str, Any]:
    """As JSON values, with what of its pictures is dumped only where it is said."""
    said = study.model_dump(mode="json")
    if "pictures" in said:
        said["pictures"]["flips"] = study.pictures.flips
    return said


def _lasting(value: Any) -> Any:
    """A field without how long a program may take, which changes nothing of what it trains."""
    if not isinstance(value, dict):
        return value
    return {name: each for name, each in value.items() if name != "minutes"}


def _scales(study: Study) -> dict[str, str]:
    return {axis.name: axis.scale for axis in study.axes}


def _axes(study: Study) -> str:
    return " × ".join(f"{name} ({scale})" for name, scale in _scales(study).items())


def _field_differences(path: str, then: Any, now: Any) -> Iterator[str]:
    if isinstance(then, dict) and isinstance(now, dict):
        for key in then | now:
            yield from _field_differences(f"{path}.{key}", then.get(key), now.get(key))
    elif then != now:
        yield f"{path}: stored {then!r}, now {now!r}"


def _optimizer_differences(stored: Study, asked: Study) -> Iterator[str]:
    by_label = {optimizer.label: optimizer for optimizer in stored.optimizers}
    for optimizer in asked.optimizers:
        if optimizer.label in by_label:
            yield from _field_differences(
                f"optimizer {optimizer.label}", _said(by_label[optimizer.label]), _said(optimizer)
            )
            continue
        if asked.is_program:
            continue  # it is told the label, so another one is another optimizer
        for label, known in by_label.items():
            if _said(known) == _said(optimizer) and known.values == optimizer.values:
                yield f"label of an optimizer: stored {label!r}, now {optimizer.label!r}"


def _said(optimizer: Optimizer) -> dict[str, Any]:
    """All that must not change of an optimizer: its values may."""
    own = {"learning_rate": optimizer.learning_rate, "fixed": sorted(optimizer.fixed) or None}
    return optimizer.definition() | {name: value for name, value in own.items() if value}
