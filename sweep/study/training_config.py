"""What a trial comes to once its study, optimizer and point are put together. Pure.

Below it nobody asks whether a value was swept, set for the study or the optimizer's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sweep.study.axis import Point, Value
from sweep.study.hyperparameters import TOGETHER, own_name, setting_name
from sweep.study.optimizer import Optimizer, Setting
from sweep.study.part import STORED
from sweep.study.schedules import Warmup
from sweep.study.tasks import Products


@dataclass(frozen=True)
class TrainingConfig:
    """The training configuration of one trial.

    Attributes:
        optimizer: with the settings and warm-up that it has at the trial's point.
        learning_rate: before any schedule.
        epochs: passes over the training examples.
        batch_size: examples a step; the last step of an epoch has what is left.
        hidden_units: width of the head's hidden layer; None where no head is trained.
        head_products: as in ``Model``.
        own: hyperparameters that a program of the user's own has, by name; None where none is
            trained. A program is told the optimizer's label too, so that defines a trial then.
        gradients: whether they are recorded, or at which steps, which changes nothing of the
            training, so that configurations are equal that differ in nothing else.
    """

    optimizer: Optimizer
    learning_rate: float
    epochs: int
    batch_size: int
    hidden_units: int | None
    head_products: Products = "float32"
    own: tuple[tuple[str, Value], ...] | None = None
    gradients: bool | tuple[int, ...] = field(default=False, compare=False)

    def definition(self) -> dict[str, Any]:
        """As JSON values, what the fingerprint hashes of it.

        Products in float32 are left out, so that fingerprints are those of before there was a
        choice.
        """
        head: dict[str, Any] = {}
        if self.head_products != "float32":
            head["head_products"] = self.head_products
        if self.hidden_units is not None:
            head["hidden_units"] = self.hidden_units
        if self.own is not None:
            head |= {"label": self.optimizer.label, "own": dict(self.own)}
        return head | {
            "optimizer": self.optimizer.definition(),
            "learning_rate": self.learning_rate,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
        }

    @property
    def vectors(self) -> dict[str, Setting]:
        """The settings that can differ within a cohort, with their values or defaults."""
        optimizer = self.optimizer
        names = TOGETHER.get(optimizer.algorithm, frozenset())
        return {
            name: value for name in sorted(names) if (value := optimizer.setting(name)) is not None
        }

    def cohort_key(self) -> tuple:
        """Equal for configurations that can train together, in one cohort."""
        optimizer = self.optimizer
        if not optimizer.element_wise or self.own is not None:
            return (self,)
        vectors = self.vectors
        settings = {**optimizer.defaults, **optimizer.settings}
        apart = tuple(
            sorted((name, repr(value)) for name, value in settings.items() if name not in vectors)
        )
        has_warmup = optimizer.warmup is not None
        return (
            *(optimizer.label, optimizer.algorithm, apart, has_warmup),
            *(repr(optimizer.schedule), optimizer.lookahead),
            *(self.epochs, self.batch_size, self.hidden_units, self.head_products),
        )

    def __hash__(self) -> int:
        return hash((self.optimizer.label, repr(self.definition())))


def training_config(
    optimizer: Optimizer,
    point: Point,
    *,
    base: Mapping[str, Value],
    epochs: int,
    batch_size: int,
    hidden_units: int | None,
    head_products: Products = "float32",
    is_program: bool = False,
    gradients: bool | tuple[int, ...] = False,
) -> TrainingConfig:
    """What an optimizer trains with at a point.

    A value of the point counts, unless the optimizer keeps its own (``Optimizer.fixed``); then
    the optimizer's, then the study's.

    Args:
        optimizer: one of the study's.
        point: a value for each of the study's axes.
        base: the study's values of what is not swept.
        epochs, batch_size, hidden_units, head_products: the study's.
        is_program: whether a program of the user's own is trained.
        gradients: whether they are recorded, or at which steps.
    """
    swept = {name: value for name, value in point.items() if name not in optimizer.fixed}
    return TrainingConfig(
        optimizer=_at(optimizer, base, swept),
        learning_rate=float(
            swept.get("learning_rate") or optimizer.learning_rate or base["learning_rate"]
        ),
        epochs=int(swept.get("epochs", epochs)),
        batch_size=int(swept.get("batch_size", batch_size)),
        hidden_units=None if hidden_units is None else int(swept.get("hidden_units", hidden_units)),
        head_products=head_products,
        own=_own({**base, **swept}) if is_program else None,
        gradients=gradients,
    )


def _own(values: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
    """Those of the values that are hyperparameters of a program's own."""
    named = {own_name(name): value for name, value in values.items()}
    return tuple(sorted((name, value) for name, value in named.items() if name))


def _at(optimizer: Optimizer, base: Mapping[str, Value], swept: Mapping[str, Value]) -> Optimizer:
    """The optimizer with its settings and warm-up at a point."""
    settings = _settings(optimizer, base) | optimizer.settings | _settings(optimizer, swept)
    start = optimizer.warmup.start if isinstance(optimizer.warmup, Warmup) else 0.0
    warmup = _warmup(swept, start) or optimizer.warmup or _warmup(base)
    parts = {
        "label": optimizer.label,
        "algorithm": optimizer.algorithm,
        "settings": settings,
        "warmup": warmup,
        "schedule": optimizer.schedule,
        "lookahead": optimizer.lookahead,
    }
    # All values were checked where they were said, or are those of a study that is stored.
    return Optimizer.model_validate(parts, context=STORED)


def _settings(optimizer: Optimizer, values: Mapping[str, Value]) -> dict[str, Setting]:
    """Those of the values that are settings of the optimizer."""
    named = {setting_name(name): value for name, value in values.items()}
    return {name: value for name, value in named.items() if name and optimizer.has(name)}


def _warmup(values: Mapping[str, Value], start: float = 0.0) -> Warmup | None:
    if "warmup.steps" in values:
        return Warmup(steps=int(values["warmup.steps"]), start=start)
    if "warmup.share" in values:
        return Warmup(share=values["warmup.share"], start=start)
    return None
