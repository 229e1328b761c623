"""A study as it is asked for: with what a command's options, or a program, say otherwise. Pure.

In the flow: between the catalog, which finds a study, and the plan.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from sweep.errors import StudyError
from sweep.study.axis import Axis, Value
from sweep.study.hyperparameters import hyperparameter, setting_name
from sweep.study.optimizer import BUILT_IN_OPTIMIZERS, Optimizer
from sweep.study.problems import invalid
from sweep.study.study import Study
from sweep.util.nearest import did_you_mean

OF_PICTURES = ("limit", "classes", "split", "twins", "orientation", "flips")
"""Fields of a study's pictures that can be asked for otherwise."""
OF_MODEL = ("precision",)
"""The same of its model; its ``hidden_units`` are a hyperparameter."""


def vary(study: Study, changes: Mapping[str, Any]) -> Study:
    """The study with changes made to it.

    Args:
        study: as its file says it.
        changes: fields of ``Study`` with other values. Those of ``OF_PICTURES`` are its pictures',
            those of ``OF_MODEL`` its model's; ``optimizers`` may name the study's own by label;
            ``axes`` takes the place of all axes, of the values that optimizers have of their own
            there, and of the question; ``base`` may have every hyperparameter, and what it does
            not name stays.

    Raises:
        StudyError: what comes out is no valid study, or a change has no effect; it says what and
            what to do.
    """
    fields = dict(changes)
    base = fields.pop("base", {})
    _check_parts(study, {*fields, *base})
    of_pictures = {name: fields.pop(name) for name in OF_PICTURES if name in fields}
    if of_pictures:  # what the study leaves to a default stays left to it
        fields["pictures"] = study.pictures.model_dump(exclude_unset=True) | of_pictures
    of_model = {name: fields.pop(name) for name in OF_MODEL if name in fields}
    if "hidden_units" in base:
        of_model["hidden_units"] = base["hidden_units"]
    if of_model:
        fields["model"] = study.model.model_dump() | of_model
    optimizers = _optimizers(study, fields.pop("optimizers", None))
    if "axes" in fields or "learning_rates" in fields:
        names = _axis_names(fields, study)
        optimizers = [_beside(optimizer, names, fields) for optimizer in optimizers]
        _check_settings(names, optimizers)
        if names != [axis.name for axis in study.axes]:
            fields.setdefault("question", _question(fields, study, optimizers))
    _check_effect(base, fields, study, optimizers)
    fields |= _base_fields(base, study) | {"optimizers": optimizers}
    _check_learning_rate(fields, study, optimizers)
    try:
        return study.replace(**fields)
    except ValidationError as error:
        raise invalid(f"{study.name} as asked for", error) from error


_OF_PARTS = {name: f"--{name}" for name in (*OF_PICTURES, *OF_MODEL)} | {"limit": "--pictures"}
"""How the command line calls what is a picture's or a model's."""


def _check_parts(study: Study, asked: Collection[str]) -> None:
    """Refuse what is said of pictures or a head where there are none."""
    lacks = () if study.has_pictures else OF_PICTURES
    lacks += () if study.has_head else (*OF_MODEL, "hidden_units", "flips")
    for name in lacks:
        if study.task is not None and name in asked:
            raise StudyError(
                f"{_OF_PARTS.get(name, name)} has no effect on {study.name}",
                rule="It is for heads on the features of pictures, and this study trains "
                f"a {study.task.kind}.",
                remedy="Leave it out.",
            )


def _optimizers(study: Study, asked: Sequence[Any] | None) -> Sequence[Any]:
    """Those that are asked for; a label is one of the study's own or a built-in one."""
    known = BUILT_IN_OPTIMIZERS | {optimizer.label: optimizer for optimizer in study.optimizers}
    return study.optimizers if asked is None else [_known(entry, known) for entry in asked]


def _known(entry: Any, known: Mapping[str, Optimizer]) -> Any:
    return known.get(entry, entry) if isinstance(entry, str) else entry


def _question(fields: Mapping[str, Any], study: Study, optimizers: Sequence[Any]) -> str:
    """What is asked where the axes are others than those that the study's question speaks of."""
    axes: Sequence[Axis] = fields.get("axes", study.axes)
    said = [f"{axis.words}, from {axis.values[0]:g} to {axis.values[-1]:g}" for axis in axes]
    if "learning_rates" in fields:
        said.append("learning rate")
    of = _labels(optimizers)
    return f"How much does the {study.metric.name} of {of} depend on {'; and on '.join(said)}?"


def _axis_names(fields: Mapping[str, Any], study: Study) -> list[str]:
    axes: Sequence[Axis] = fields.get("axes", study.axes)
    short = ["learning_rate"] if "learning_rates" in fields else []
    return [*dict.fromkeys([*(axis.name for axis in axes), *short])]


def _beside(optimizer: Any, names: Sequence[str], fields: Mapping[str, Any]) -> Any:
    """The optimizer beside other axes: what it says of those that are gone or replaced goes."""
    if not isinstance(optimizer, Optimizer):
        return optimizer
    fixed = tuple(name for name in optimizer.fixed if name in names)
    replaced = names if "axes" in fields else ["learning_rate"]
    values = {
        name: own
        for name, own in optimizer.values.items()
        if name in names and name not in replaced
    }
    follows = "learning_rate" in names and "learning_rate" not in fixed
    own_rate = None if follows else optimizer.learning_rate
    return optimizer.model_copy(
        update={"fixed": fixed, "values": values, "learning_rate": own_rate}
    )


def _base_fields(base: Mapping[str, Value], study: Study) -> dict[str, Any]:
    """The fields of the study that hold these hyperparameters."""
    fields: dict[str, Any] = {name: base[name] for name in ("epochs", "batch_size") if name in base}
    rest = {
        name: value
        for name, value in base.items()
        if name not in ("epochs", "batch_size", "hidden_units")
    }
    other_warmup = (
        {"warmup.steps", "warmup.share"} if any("warmup" in name for name in rest) else {}
    )
    kept = {name: value for name, value in study.base.items() if name not in other_warmup}
    return fields | ({"base": kept | rest} if rest else {})


def _check_effect(
    base: Mapping[str, Value], fields: Mapping[str, Any], study: Study, optimizers: Sequence[Any]
) -> None:
    """Refuse to set what is swept, or what every optimizer has a value of its own for."""
    followed = {
        name
        for name in _axis_names(fields, study)
        if not any(name in _fixed(optimizer) for optimizer in optimizers)
    }
    for name in [*base, *({"epochs"} & {*fields})]:
        if name in followed:
            raise StudyError(
                f"{name} cannot be set: it is an axis of {study.name}",
                rule="What is swept has many values.",
                remedy=f"Give the axis other values (--axis {name}=…), or leave {name} out.",
            )
    _check_values(base)
    _check_settings(base, optimizers)
    for name in base:
        if all(_has_its_own(optimizer, name) for optimizer in optimizers):
            raise StudyError(
                f"setting {name} has no effect: each of {_labels(optimizers)} has its own value",
                remedy="Change the study's file, or sweep it: "
                f"--axis {name}=LOW:HIGH:COUNT takes the place of their own.",
            )


def _fixed(optimizer: Any) -> tuple[str, ...]:
    return optimizer.fixed if isinstance(optimizer, Optimizer) else ()


def _check_values(base: Mapping[str, Value]) -> None:
    for name, value in base.items():
        try:
            hyperparameter(name).checked(value)
        except ValueError as error:
            raise StudyError(
                f"{name}={value} cannot be set: {error}",
                remedy="For example: --set batch_size=32, --set optimizer.beta_2=0.99.",
            ) from None
    if {"warmup.steps", "warmup.share"} <= {*base}:
        raise StudyError(
            "the warm-up's length is set both in steps and as a share of the training",
            remedy="Leave warmup.steps or warmup.share out.",
        )


def _has_its_own(optimizer: Any, name: str) -> bool:
    """Whether an optimizer does not follow a value that is set for all."""
    if not isinstance(optimizer, Optimizer):
        return False
    setting = setting_name(name)
    if setting:
        return setting in optimizer.settings
    if name.startswith("warmup"):
        return optimizer.warmup is not None
    return name == "learning_rate" and optimizer.learning_rate is not None


def _check_settings(names: Sequence[str] | Mapping[str, Any], optimizers: Sequence[Any]) -> None:
    """Refuse a setting that no optimizer takes, with the nearest that one takes."""
    known = [optimizer for optimizer in optimizers if isinstance(optimizer, Optimizer)]
    for name in names:
        setting = setting_name(name)
        if setting is None or not known or any(optimizer.has(setting) for optimizer in known):
            continue
        there = sorted({own for optimizer in known for own in optimizer.defaults})
        raise StudyError(
            f"none of {_labels(known)} takes {name}{did_you_mean(setting, there)}",
            rule=f"They take {', '.join(there)}.",
            remedy="Name one of these, or add an optimizer that takes it.",
        )


def _check_learning_rate(
    fields: Mapping[str, Any], study: Study, optimizers: Sequence[Any]
) -> None:
    base = fields.get("base", study.base)
    if "learning_rate" in _axis_names(fields, study) or "learning_rate" in base:
        return
    without = [
        optimizer
        for optimizer in optimizers
        if isinstance(optimizer, Optimizer) and optimizer.learning_rate is None
    ]
    if without:
        raise StudyError(
            f"no learning rate for {_labels(without)}",
            rule="Where the learning rate is not swept, every optimizer has one.",
            remedy="Set it with --set learning_rate=0.003, or sweep it too with "
            "--axis learning_rate=0.003:0.1:7; in Python base={'learning_rate': 0.003}.",
        )


def _labels(optimizers: Sequence[Any]) -> str:
    return ", ".join(getattr(optimizer, "label", str(optimizer)) for optimizer in optimizers)
