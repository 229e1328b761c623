"""A training function of the user's, or a program, as a study defines it."""

import re
import shlex
from collections.abc import Collection, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from sweep.study.hyperparameters import own_name, setting_name
from sweep.study.metric import ACCURACY, Metric
from sweep.study.optimizer import Optimizer
from sweep.study.part import IMPORT_PATH, Part
from sweep.study.schedules import Constant, Warmup
from sweep.util.nearest import did_you_mean

Minutes = Annotated[float, Field(gt=0, le=100_000)]

FIELD = re.compile(r"{([\w.]+)}")
"""What is filled in for each trial."""
FIELDS = (
    *("learning_rate", "seed", "epochs", "batch_size", "optimizer", "algorithm"),
    *("warmup.steps", "warmup.share", "warmup", "schedule", "lookahead", "config"),
)
"""The names in braces, beside ``optimizer.NAME`` and ``own.NAME``."""
_TELLS_APART = {"optimizer", "algorithm", "config"}


class Function(Part):
    """A training function of any framework: ``train(config, report)``; see ``tasks.programs``.

    Attributes:
        function: ``module:function``.
        metric: what it reports as ``valid_metric``.
        minutes: a trial that takes longer fails; None for no limit.

    Example:
        >>> Function("my_module:train").function
        'my_module:train'
    """

    kind: Literal["function"] = "function"
    function: str
    metric: Metric = ACCURACY
    minutes: Minutes | None = None

    def __init__(self, function: str, **rest: Any) -> None:
        super().__init__(**{"function": function, **rest})

    @field_validator("function")
    @classmethod
    def _is_path(cls, path: str) -> str:
        if not IMPORT_PATH.fullmatch(path):
            raise ValueError(f"no function {path!r}; name your own as module:function")
        return path

    @property
    def own_paths(self) -> tuple[str, ...]:
        """The user's own code, as ``module:name``."""
        return (self.function,)


class Command(Part):
    """A program that trains one trial and prints a JSON object a line; see ``tasks.programs``.

    Attributes:
        command: as for a shell, with the names of what is filled in for each trial in braces:
            ``{learning_rate}``, ``{seed}``, ``{epochs}``, ``{batch_size}``, ``{optimizer}`` (the
            label), ``{algorithm}``, ``{optimizer.NAME}`` (a setting), ``{own.NAME}`` (a
            hyperparameter of the program's own), ``{warmup.steps}``, ``{warmup.share}``,
            ``{warmup}``, ``{schedule}`` and ``{lookahead}`` (each a JSON object, or ``null``
            without one), and ``{config}``, all of it as a JSON object. It is cut into words and
            run as it is, by no shell.
        files: that the result depends on, beside those that the command names: their content
            enters the fingerprint.
        metric: what it reports as ``valid_metric``.
        minutes: a trial that takes longer fails; None for no limit.

    Example:
        >>> Command("python train.py --lr {learning_rate} --seed {seed}").fields
        ('learning_rate', 'seed')
    """

    kind: Literal["command"] = "command"
    command: Annotated[str, Field(min_length=1)]
    files: tuple[str, ...] = ()
    metric: Metric = ACCURACY
    minutes: Minutes | None = None

    def __init__(self, command: str, **rest: Any) -> None:
        super().__init__(**{"command": command, **rest})

    @field_validator("command")
    @classmethod
    def _is_filled_in(cls, command: str) -> str:
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise ValueError(f"it cannot be cut into words: {error}") from None
        if not words:
            raise ValueError("there is no program in it")
        for name in FIELD.findall(command):
            if name not in FIELDS and not (setting_name(name) or own_name(name)):
                raise ValueError(
                    f"no value is called {{{name}}}{did_you_mean(name, FIELDS)} (known: "
                    f"{', '.join(FIELDS)}, optimizer.NAME and own.NAME)"
                )
        return command

    @property
    def words(self) -> tuple[str, ...]:
        """The program and its arguments, with the names in braces."""
        return tuple(shlex.split(self.command))

    @property
    def fields(self) -> tuple[str, ...]:
        """The names in braces, each once, in their order."""
        return tuple(dict.fromkeys(FIELD.findall(self.command)))

    @property
    def own_paths(self) -> tuple[str, ...]:
        """None of its code is imported."""
        return ()


def check_command(
    command: Command, axes: Collection[str], optimizers: Sequence[Optimizer], seeds: Sequence[int]
) -> None:
    """Refuse a command that would train different trials in the same way.

    Args:
        command: the study's.
        axes: names of what is swept.
        optimizers, seeds: the study's.

    Raises:
        ValueError: it does not take an axis, the seed, what tells optimizers apart, or their
            schedule or Lookahead.
    """
    fields = {*command.fields}
    if "config" in fields:
        return
    for name in axes:
        if name not in fields:
            raise ValueError(f"the command does not take {{{name}}}, which is swept")
    if len(seeds) > 1 and "seed" not in fields:
        raise ValueError(f"the command does not take {{seed}}, of which there are {len(seeds)}")
    settings = any(setting_name(name) for name in fields)
    if len(optimizers) > 1 and not settings and fields.isdisjoint(_TELLS_APART):
        raise ValueError(
            f"the command does not take {{optimizer}}, of which there are {len(optimizers)}"
        )
    for optimizer in optimizers:
        if not any(name.startswith("warmup.") for name in axes):
            _check_warmup(fields, optimizer)
        _check_told(fields, optimizer)


def _check_warmup(fields: Collection[str], optimizer: Optimizer) -> None:
    """Refuse the length of a warm-up in another unit than the optimizer has it in."""
    warmup = optimizer.warmup
    if not isinstance(warmup, Warmup):
        return  # the length of an untuned one follows from β₂
    unit, other = ("steps", "share") if warmup.steps else ("share", "steps")
    if f"warmup.{other}" in fields and f"warmup.{unit}" not in fields:
        raise ValueError(
            f"{optimizer.label} has its warm-up's length as {{warmup.{unit}}}, which the command "
            "does not take"
        )


def _check_told(fields: Collection[str], optimizer: Optimizer) -> None:
    """Refuse a schedule or Lookahead of which the program hears nothing, not even by a label."""
    has_schedule = not isinstance(optimizer.schedule, Constant | None)
    there = {"schedule": has_schedule, "lookahead": optimizer.lookahead is not None}
    for name, is_there in there.items():
        if is_there and {name, "optimizer"}.isdisjoint(fields):
            raise ValueError(
                f"{optimizer.label} has a {name}, and the command takes neither {{{name}}} nor the "
                "label, {optimizer}"
            )
