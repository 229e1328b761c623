"""Whether the parts of a study fit each other; ``Study`` asks when it is built. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sweep.study.hyperparameters import own_name, setting_name
from sweep.study.optimizer import IMPORTED, Optimizer
from sweep.study.schedules import UntunedWarmup
from sweep.util.nearest import did_you_mean

if TYPE_CHECKING:
    from sweep.study.study import Study


def check_parts(study: "Study") -> None:
    """Refuse axes, optimizers and values that do not fit each other, a stored study's too.

    Raises:
        ValueError: it says which, and what to do.
    """
    names = [axis.name for axis in study.axes]
    if len({*names}) < len(names):
        raise ValueError(f"the axis {names[0]} is repeated; each axis once")
    if {"warmup.steps", "warmup.share"} <= {*names}:
        raise ValueError(
            "the warm-up's length is swept both in steps and as a share; leave one out"
        )
    _check_imported(study)
    if study.gradients and (study.is_program or study.imported is not None):
        raise ValueError(
            "gradients are recorded of heads and networks that sweep trains; leave them out"
        )
    if study.imported is not None:
        return
    if study.task is not None and "hidden_units" in names:
        raise ValueError("hidden_units are those of a head on frozen features; leave them out")
    if study.task is not None and study.pictures.flips:
        raise ValueError(
            "flips are for a head on frozen features; of a network say inputs=Inputs(flip=True)"
        )
    for optimizer in study.optimizers:
        _check_axes(optimizer, names)
        _check_learning_rate(study, optimizer, names)
        _check_beta_2(study, optimizer, names)
    for name in (*names, *study.base):
        _check_is_taken(study, name)


def refuse_the_same(study: "Study") -> None:
    """Refuse two optimizers that train the same.

    Raises:
        ValueError: it says which.
    """
    seen: dict[Any, str] = {}
    for optimizer in study.optimizers:
        first = study.points(optimizer)[0]
        config = study.config(optimizer, first).definition()
        said = repr((config, sorted(optimizer.fixed), sorted(optimizer.values.items())))
        if said in seen:
            raise ValueError(f"{seen[said]!r} and {optimizer.label!r} are the same")
        seen[said] = optimizer.label


def _check_imported(study: "Study") -> None:
    """Refuse optimizers that are known by their labels alone in a study that is trained."""
    for optimizer in study.optimizers:
        if (optimizer.algorithm == IMPORTED) != (study.imported is not None):
            raise ValueError(
                f"{optimizer.label}: the algorithm {IMPORTED!r} is for imported studies, and "
                "they have no other"
            )


def _check_axes(optimizer: Optimizer, names: Sequence[str]) -> None:
    label = optimizer.label
    for name in {*optimizer.fixed, *optimizer.values} - {*names}:
        raise ValueError(
            f"{label}: no axis {name!r}{did_you_mean(name, names)} (the study has "
            f"{', '.join(names)})"
        )
    for name in {*names} - {*optimizer.fixed}:
        if name.startswith("warmup.") and isinstance(optimizer.warmup, UntunedWarmup):
            raise ValueError(
                f"{label} has a warm-up whose length follows from β₂, and {name} is swept; leave "
                f"{label} out, or say fixed=({name!r},) for it"
            )
        setting = setting_name(name)
        if setting and not optimizer.has(setting):
            raise ValueError(
                f"{optimizer.algorithm} has no setting {setting}, which is swept; leave "
                f"{label} out, or say fixed=({name!r},) for it"
            )


def _check_learning_rate(study: "Study", optimizer: Optimizer, names: Sequence[str]) -> None:
    label = optimizer.label
    if "learning_rate" in {*names} - {*optimizer.fixed}:
        if optimizer.learning_rate is not None:
            raise ValueError(
                f"{label} has a learning rate of its own, but the learning rate is swept; say "
                "fixed=('learning_rate',) too"
            )
    elif optimizer.learning_rate is None and "learning_rate" not in study.base:
        raise ValueError(
            f"{label} has no learning rate: give it one (learning_rate=0.001), or all of them "
            "(base={'learning_rate': 0.001})"
        )


def _check_beta_2(study: "Study", optimizer: Optimizer, names: Sequence[str]) -> None:
    """Refuse an untuned warm-up of an optimizer of the user's whose β₂ is nowhere said."""
    swept = {*names} - {*optimizer.fixed}
    is_said = optimizer.setting("beta_2") is not None or "optimizer.beta_2" in swept | {*study.base}
    if isinstance(optimizer.warmup, UntunedWarmup) and not is_said:
        raise ValueError(
            f"{optimizer.label} has a warm-up whose length follows from β₂, and no β₂; give it one "
            "(settings={'beta_2': 0.999})"
        )


def _check_is_taken(study: "Study", name: str) -> None:
    """Refuse a setting that no optimizer takes, and what only programs have."""
    if own_name(name) and not study.is_program:
        raise ValueError(
            f"{name} is for a training function or program of your own (task=…); leave it out"
        )
    setting = setting_name(name)
    if setting and not any(optimizer.has(setting) for optimizer in study.optimizers):
        raise ValueError(f"no optimizer of the study has a setting {setting}")
