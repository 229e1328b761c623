"""Schedules of the learning rate, as a study defines them.

A warm-up acts in the first steps of a training, a schedule in those that remain: each gives a
factor on the learning rate in every step. ``optimizers.multipliers`` computes them.
"""

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    field_validator,
    model_serializer,
)

from sweep.study.part import IMPORT_PATH, MAX_NUMBER, Count, Part

Share = Annotated[float, Field(ge=0, le=1)]
"""Of the learning rate."""


class Warmup(Part):
    """Linear warm-up to the learning rate η: step t = 1, 2, … has s + (η − s) · min(1, t / length).

    Attributes:
        steps: the length in steps; if given, ``share`` is not used.
        share: the length as a share of all steps of the training, in (0, 1].
        start: s, a learning rate from which the warm-up rises; the authors of RAdam have 1e-6
            (https://github.com/LiyuanLucasLiu/RAdam, ``cifar_imagenet/utils/radam.py``).

    Example:
        >>> Warmup(steps=100, start=1e-6).model_dump(), Warmup(steps=100).model_dump()
        ({'steps': 100, 'share': 0.1, 'start': 1e-06}, {'steps': 100, 'share': 0.1})
    """

    steps: Count | None = None
    share: Annotated[float, Field(gt=0, le=1)] = 0.1
    start: Annotated[float, Field(ge=0, le=1000)] = 0.0

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A start is dumped only where there is one, so that older versions read the rest."""
        said: dict[str, Any] = dump(self)
        return said if self.start else {key: said[key] for key in said if key != "start"}

    def length(self, total_steps: int) -> int:
        """The length in steps, at least 1, of a training of ``total_steps``."""
        return self.steps or max(1, round(self.share * total_steps))


class UntunedWarmup(Part):
    """A warm-up whose length follows from the optimizer's β₂; Ma & Yarats 2019, arXiv 1910.04209.

    The factor in step t = 1, 2, … is

        ``linear``:       min(1, t (1 − β₂) / 2), so it ends after 2 / (1 − β₂) steps
        ``exponential``:  1 − exp(−t (1 − β₂))

    The authors advise the linear one, and find that Adam with either does what RAdam does. A
    schedule beside it begins after 2 / (1 − β₂) steps, whatever the shape. Where β₂ is swept,
    each trial has its own.

    Attributes:
        shape: ``linear`` or ``exponential``.

    Example:
        >>> UntunedWarmup().length_at(0.999), UntunedWarmup().length_at(0.9)
        (2000, 20)
    """

    kind: Literal["untuned"] = "untuned"
    shape: Literal["linear", "exponential"] = "linear"

    def length_at(self, beta_2: float) -> int:
        """2 / (1 − β₂) in whole steps, at least 1 and at most ``MAX_NUMBER``."""
        return max(1, round(min(MAX_NUMBER, 2 / (1 - beta_2))))


def _kind_of_warmup(given: Any) -> str:
    kind = given.get("kind") if isinstance(given, dict) else getattr(given, "kind", None)
    return "warm-up" if kind is None else "untuned"


AnyWarmup = Annotated[
    Annotated[Warmup, Tag("warm-up")] | Annotated[UntunedWarmup, Tag("untuned")],
    Discriminator(_kind_of_warmup),
]


class Constant(Part):
    """A learning rate that stays: the same as no schedule."""

    kind: Literal["constant"] = "constant"


class StepDecay(Part):
    """A learning rate that is cut at the begin of some epochs, and stays cut.

    Attributes:
        factor: by which it is multiplied each time, in (0, 1).
        epochs: at the begin of which, counted from 0, ascending.

    Example:
        >>> StepDecay(factor=0.1, epochs=(81, 122)).epochs
        (81, 122)
    """

    kind: Literal["step"] = "step"
    factor: Annotated[float, Field(gt=0, lt=1)]
    epochs: Annotated[tuple[Count, ...], Field(min_length=1)]

    @field_validator("epochs")
    @classmethod
    def _ascending(cls, epochs: tuple[int, ...]) -> tuple[int, ...]:
        if any(later <= earlier for earlier, later in pairwise(epochs)):
            raise ValueError(f"the epochs {', '.join(map(str, epochs))} do not ascend")
        return epochs


class CosineDecay(Part):
    """A learning rate that falls along half a cosine; Loshchilov & Hutter 2017, arXiv 1608.03983.

    Over the R steps that remain after a warm-up, s = 0 … R − 1 of which were taken, the factor is

        last + (1 − last) · ½ (1 + cos(π s / R)),

    that of ``keras.optimizers.schedules.CosineDecay(η, decay_steps=R, alpha=last)``, without
    restarts.

    Attributes:
        last: the share of the learning rate that it falls to, which step R + 1 would have.
    """

    kind: Literal["cosine"] = "cosine"
    last: Share = 0.0


class LinearDecay(Part):
    """A learning rate that falls along a line.

    Over the R steps that remain after a warm-up, s = 0 … R − 1 of which were taken, the factor is
    1 − (1 − last) s / R: that of ``keras.optimizers.schedules.PolynomialDecay(η, decay_steps=R,
    end_learning_rate=last · η)``.

    Attributes:
        last: the share of the learning rate that it falls to, which step R + 1 would have.
    """

    kind: Literal["linear"] = "linear"
    last: Share = 0.0


class OneCycle(Part):
    """A learning rate that rises, then falls to nearly nothing; Smith & Topin 2018.

    Super-Convergence, arXiv 1708.07120, as ``torch.optim.lr_scheduler.OneCycleLR`` has it: both
    parts are halves of a cosine, over the steps that remain after a warm-up. It rises by itself,
    so a warm-up before it is rarely wanted. Here the learning rate alone cycles
    (``cycle_momentum=False``), where the paper has the momentum fall as it rises.

    Attributes:
        rise: the share of the steps until the peak, which is the learning rate itself.
        first: the share of the learning rate in the first step; 1 / ``div_factor`` of PyTorch.
        last: in the last; 1 / (``div_factor`` · ``final_div_factor``).
    """

    kind: Literal["one-cycle"] = "one-cycle"
    rise: Annotated[float, Field(gt=0, lt=1)] = 0.3
    first: Share = 0.04
    last: Share = 4e-6


class ReduceOnPlateau(Part):
    """A learning rate that is cut when the validation loss no longer falls.

    Each trial by itself: where its loss after ``patience`` epochs is not below its least so far by
    more than ``min_delta``, its learning rate is multiplied by ``factor`` from the next epoch on.
    These are the steps of ``keras.callbacks.ReduceLROnPlateau(monitor="val_loss")``, which by
    default waits 10 epochs. A warm-up goes on as it is.

    Attributes:
        factor: by which it is multiplied each time, in (0, 1).
        patience: epochs without a better loss before it is.
        min_delta: by how much a loss must be less to be better.
        cooldown: epochs after a cut that do not count.
        least: the share of the learning rate below which it is not cut.
    """

    kind: Literal["plateau"] = "plateau"
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.1
    patience: Count = 10
    min_delta: Annotated[float, Field(ge=0)] = 1e-4
    cooldown: Annotated[int, Field(ge=0, le=MAX_NUMBER)] = 0
    least: Share = 0.0


class OwnSchedule(Part):
    """A schedule of your own, or one of Keras' by its class.

    It acts over the R steps that remain after a warm-up. A function is called with the steps
    s = 0 … R − 1 that were taken since, R, and the settings by their names, and returns the factor
    on the learning rate. A class of Keras' ``LearningRateSchedule`` is built with a learning rate
    of 1 and the settings, and called with s.

    The content of its file is part of every trial's definition, as that of an optimizer.

    Attributes:
        path: ``module:function`` or ``module:Class``; the module may lie in the current folder.
        settings: what it gets beside.

    Example:
        >>> decay = {"decay_steps": 100, "decay_rate": 0.5}
        >>> OwnSchedule(path="keras.optimizers.schedules:ExponentialDecay", settings=decay).kind
        'own'
    """

    kind: Literal["own"] = "own"
    path: str
    settings: dict[str, bool | int | float | str | None] = Field(default={})

    @field_validator("path")
    @classmethod
    def _is_path(cls, path: str) -> str:
        if not IMPORT_PATH.fullmatch(path):
            raise ValueError(f"{path!r} is no module:function or module:Class")
        return path


def _step_decay_without_kind(given: Any) -> Any:
    """A schedule in words that says no kind is a ``StepDecay``, which once was the only one."""
    return {"kind": "step"} | given if isinstance(given, dict) else given


AnySchedule = Annotated[
    Annotated[
        Constant | StepDecay | CosineDecay | LinearDecay | OneCycle | ReduceOnPlateau | OwnSchedule,
        Field(discriminator="kind"),
    ],
    BeforeValidator(_step_decay_without_kind),
]
