"""The task of a training function or a program of the user's own.

A function is called as ``train(config, report)``, once a trial: ``config`` is a ``ProgramConfig``,
and after each epoch it calls ``report(epoch, train_loss=…, valid_metric=…)``, where
``train_metric``, ``valid_loss`` and ``effective_learning_rate`` may be beside. A program prints a
line with the same names as a JSON object:

    {"epoch": 1, "train_loss": 0.53, "valid_metric": 0.81}

Epochs are 1, 2, … up to the trial's; 0, before training, may be reported too. A loss or metric that
is NaN or infinite ends the trial as diverged.

In the flow: ``runner`` resolves a study to it; ``executors.processes`` runs one process a trial.
"""

import ast
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sweep.errors import StudyError, UsageError
from sweep.planning.trials import Proposal, Trial, plan_trials
from sweep.results.provenance import DatasetInfo, WeightsInfo
from sweep.study.optimizer import Optimizer
from sweep.study.own_code import UNREADABLE, own_code, own_script
from sweep.study.part import Part
from sweep.study.programs import FIELD, Command, Function
from sweep.study.schedules import Constant, UntunedWarmup
from sweep.study.study import Study
from sweep.tasks.program_config import ProgramConfig
from sweep.tasks.task import Places
from sweep.util.hashing import digest
from sweep.util.nearest import did_you_mean
from sweep.util.paths import as_typed, is_file
from sweep.util.progress import Progress


@dataclass(frozen=True)
class ProgramTask:
    """A ``Task``: a training function or a program of the user's own.

    Attributes:
        study: as asked for.
        program: the study's task.
        code: the files that it is made of, with the hash of each.
        notice: None.
    """

    study: Study
    program: Function | Command
    code: dict[str, str]
    notice: str | None = None

    @property
    def key(self) -> str:
        """Hash of the program and of its files."""
        program = self.program.model_dump(mode="json", exclude={"metric", "minutes"})
        return digest({"program": program, "code": [*self.code.values()]})

    @property
    def dataset(self) -> DatasetInfo | None:
        """None: the program alone knows its data."""
        return None

    @property
    def weights(self) -> WeightsInfo | None:
        """None."""
        return None

    def load(self, load_keras: Callable[[], None], progress: Progress) -> None:
        """Nothing: each process loads what it needs."""

    def config(self, trial: Trial) -> ProgramConfig:
        """What a trial trains with, as the program is told."""
        trained, fixed = trial.config, self.study.optimizer(trial.optimizer).fixed
        optimizer = trained.optimizer
        steps, share = _warmup_of(optimizer)
        return ProgramConfig(
            optimizer=trial.optimizer,
            algorithm=optimizer.algorithm,
            settings={**optimizer.defaults, **optimizer.settings},
            learning_rate=trained.learning_rate,
            point={name: value for name, value in trial.point.items() if name not in fixed},
            own={name: _whole(value) for name, value in trained.own or ()},
            seed=trial.seed,
            epochs=trained.epochs,
            batch_size=trained.batch_size,
            warmup_steps=steps,
            warmup_share=share,
            warmup=_said(optimizer.warmup),
            schedule=_said(optimizer.schedule),
            lookahead=_said(optimizer.lookahead),
        )


def _said(part: Part | None) -> dict[str, Any] | None:
    """All that defines it, as JSON values; nothing of a schedule that says nothing."""
    return None if isinstance(part, Constant | None) else part.model_dump(mode="json")


def _warmup_of(optimizer: Optimizer) -> tuple[int | None, float | None]:
    """The length of its warm-up in steps, or as a share; of an untuned one in steps."""
    warmup, beta_2 = optimizer.warmup, optimizer.setting("beta_2")
    if isinstance(warmup, UntunedWarmup):
        return (warmup.length_at(beta_2) if isinstance(beta_2, float) else None), None
    if warmup is None:
        return None, None
    return warmup.steps, (warmup.share if warmup.steps is None else None)


def _whole(value: float) -> float:
    """An ``int`` where it is a whole number, as programs read numbers of layers."""
    return int(value) if float(value).is_integer() else value


def filled_in(command: Command, config: ProgramConfig) -> list[str]:
    """The program and its arguments for one trial.

    Raises:
        StudyError: the optimizer has no value of what the command takes.

    Example:
        >>> config = ProgramConfig("adam", "adam", {}, 0.1, {}, {}, seed=7, epochs=2, batch_size=8)
        >>> filled_in(Command("train --lr={learning_rate} --seed {seed}"), config)
        ['train', '--lr=0.1', '--seed', '7']
    """
    known = _values(config)

    def value(name: str) -> str:
        found = known.get(name)
        if found is None:
            raise StudyError(
                f"{config.optimizer} has no value for {{{name}}}, which the command takes",
                rule=f"It has {', '.join(key for key, it in known.items() if it is not None)}.",
                remedy="Give it one in the study, or take it out of the command.",
            )
        return found if isinstance(found, str) else json.dumps(found)

    return [FIELD.sub(lambda match: value(match[1]), word) for word in command.words]


def _values(config: ProgramConfig) -> dict[str, Any]:
    """All that a command may take. What is not decayed or warmed up has 0."""
    settings = {f"optimizer.{name}": value for name, value in config.settings.items()}
    decay = settings.get("optimizer.weight_decay")
    return {
        "learning_rate": config.learning_rate,
        "seed": config.seed,
        "epochs": config.epochs,
        "batch_size": config.batch_size,
        "optimizer": config.optimizer,
        "algorithm": config.algorithm,
        "warmup.steps": config.warmup_steps or 0,
        "warmup.share": config.warmup_share or 0,
        "warmup": json.dumps(config.warmup),
        "schedule": json.dumps(config.schedule),
        "lookahead": json.dumps(config.lookahead),
        "config": json.dumps(asdict(config)),
        **settings,
        "optimizer.weight_decay": 0 if decay is None else decay,
        **{f"own.{name}": value for name, value in config.own.items()},
    }


def resolve(study: Study, program: Function | Command, places: Places) -> ProgramTask:
    """The study with the user's own program.

    Raises:
        StudyError: its files are not here, or not such as they must be.
        UsageError: data or weights are named.
    """
    for option, value in (("--data", places.data), ("--weights", places.weights)):
        if value is not None:
            raise UsageError(
                f"{option} {value} has no effect on {study.name}",
                rule="A training function or program of your own knows its own data.",
                remedy="Leave it out.",
            )
    code = own_code(program.function) if isinstance(program, Function) else _files_of(program)
    if isinstance(program, Function):
        _check_function(program.function)
    task = ProgramTask(study, program, code)
    if isinstance(program, Command):
        for optimizer in study.optimizers:
            first = Proposal(optimizer.label, study.points(optimizer)[0], study.seeds[0])
            filled_in(program, task.config(*plan_trials(study, [first], "")))
    return task


def _files_of(command: Command) -> dict[str, str]:
    """The hashes of the files that a command names, and of those that are named beside it."""
    found: dict[str, str] = {}
    for path in (*_named_in(command), *map(Path, command.files)):
        if not is_file(path):
            raise StudyError(
                f"no file {as_typed(path)}, which the command's files name",
                remedy="Run in the folder that holds it, or mend the study.",
            )
        found |= own_script(path)
    return found


def _named_in(command: Command) -> Iterator[Path]:
    """Its words that are files; the program itself only where it lies in the current folder."""
    program, *arguments = command.words
    here = Path.cwd()
    if is_file(Path(program)) and Path(program).resolve().is_relative_to(here.resolve()):
        yield Path(program)
    yield from (Path(word) for word in arguments if is_file(Path(word)))


def _check_function(function: str) -> None:
    """Refuse a name that its module does not define, as far as reading the module tells."""
    module, _, name = function.partition(":")
    path = Path(f"{module.replace('.', '/')}.py")
    if not is_file(path):
        return  # installed, or a package: whether it is there is seen when it is imported
    try:
        known = {*_names(ast.parse(path.read_bytes()))}
    except UNREADABLE:
        return
    if name not in known and "*" not in known:
        raise StudyError(
            f"no {name} in {as_typed(path)}{did_you_mean(name, known)}",
            rule="A training function is named as module:function.",
            remedy=f"Define {name}(config, report) there, or name another one.",
        )


def _names(tree: ast.Module) -> Iterator[str]:
    """The names that a module's statements bind; ``*`` where they are not known."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.ImportFrom() | ast.Import():
                yield from (alias.asname or alias.name for alias in node.names)
