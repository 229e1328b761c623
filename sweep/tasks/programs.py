"""The task of a training function or a program of the user's own.

In the flow: ``runner`` resolves a study to it; ``executors.processes`` runs one process a trial.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sweep.results.provenance import DatasetInfo, WeightsInfo
from sweep.study.own_code import own_code
from sweep.study.programs import Command, Function
from sweep.study.study import Study
from sweep.tasks.task import Places
from sweep.util.hashing import digest
from sweep.util.progress import Progress


@dataclass(frozen=True)
class ProgramTask:
    """A ``Task``: a training function or a program of the user's own."""

    study: Study
    program: Function | Command
    code: dict[str, str]
    notice: str | None = None

    @property
    def key(self) -> str:
        """Hash of the program and of its files."""
        said = {"program": self.program.model_dump(mode="json"), "code": [*self.code.values()]}
        return digest(said)

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


def resolve(study: Study, program: Function | Command, places: Places) -> ProgramTask:
    """The study with the user's own program."""
    code: dict[str, str] = {}
    for path in program.own_paths:
        code |= own_code(path)
    return ProgramTask(study, program, code)
