"""A training function of the user's, or a program, as a study defines it."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from sweep.study.metric import ACCURACY, Metric
from sweep.study.part import IMPORT_PATH, Part

Minutes = Annotated[float, Field(gt=0, le=100_000)]


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
            ``{optimizer}``, ``{seed}``, ``{epochs}``, ``{batch_size}`` and every hyperparameter of
            the point. It is cut into words and run as it is, by no shell.
        files: that the result depends on, such as the program's own: their content enters the
            fingerprint.
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

    @property
    def fields(self) -> tuple[str, ...]:
        """The names in braces, each once, in their order."""
        return tuple(dict.fromkeys(re.findall(r"{([\w.]+)}", self.command)))

    @property
    def own_paths(self) -> tuple[str, ...]:
        """None of its code is imported."""
        return ()
