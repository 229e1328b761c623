"""Where a run's cohorts train: in this process, in processes of their own, or on a Ray cluster.

In the flow: ``runner`` hands over the cohorts that its plan asks for and writes their events. The
task is loaded, and Keras with it, when the first of them come, so a run with nothing left to train
loads neither. Before that, what is the user's own of optimizers, schedules and callbacks is tried.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from sweep.executors.cluster import RayCluster
from sweep.planning.cohorts import Cohort, MayBegin, every_one
from sweep.planning.events import Event
from sweep.study.networks import Network
from sweep.tasks.programs import ProgramTask
from sweep.tasks.task import Task
from sweep.training.keras_runtime import load_keras
from sweep.util.progress import Progress


@dataclass(frozen=True)
class Executor:
    """Trains cohorts, and keeps what it loaded for the next ones.

    Attributes:
        task: what is trained on.
        backend: of Keras.
        progress: is told how loading goes.
        cohorts_kept: tells how many compiled cohorts are kept for the next seed, at least 1; asked
            once there is something to train.
        retries: how often a cohort is tried again that an exception ended.
        cluster: where; None for this process.
        workers: so many trials of the user's own programs at once, without a cluster; None for one.
        outputs: the folder of what these print.
    """

    task: Task
    backend: str
    progress: Progress
    cohorts_kept: Callable[[], int]
    retries: int = 0
    cluster: RayCluster | None = None
    workers: int | None = None
    outputs: Path = Path("outputs")

    def train(self, cohorts: Sequence[Cohort], may_begin: MayBegin = every_one) -> Generator[Event]:
        """The events of all cohorts; none loads nothing.

        Args:
            cohorts: what to train.
            may_begin: is asked before anything is loaded, and before each begins; after one that
                may not, none begins. Those that are under way come to their end.

        Raises:
            SweepError: an optimizer, schedule or callback of the user's own fails at once; what is
                trained on cannot be loaded; or there is no such cluster.
        """
        if cohorts and may_begin(cohorts[0]):
            self._try_own(cohorts)
            yield from self._train(cohorts, may_begin=may_begin)

    def _try_own(self, cohorts: Sequence[Cohort]) -> None:
        """Before features are made, which takes long; Keras is loaded where there is any."""
        study = self.task.study
        network = study.task if isinstance(study.task, Network) else None
        has_callback = network is not None and network.callback is not None
        configs = [trial.config for cohort in cohorts for trial in cohort.trials]
        is_own = any(config.optimizer.is_own for config in configs)
        if study.is_program or not (is_own or has_callback):
            return
        load_keras(self.backend)
        from sweep.training.own_parts import try_own

        try_own(configs, network)

    @cached_property
    def _train(self) -> Callable[..., Iterator[Event]]:
        if isinstance(self.task, ProgramTask):
            return self._by_programs(self.task)
        load = partial(load_keras, self.backend)
        data = self.task.load(load, self.progress)
        if self.cluster is None:
            load()
            from sweep.executors.local import Trainer

            trainer = Trainer(data, self.cohorts_kept())
            return partial(trainer.train_all, retries=self.retries)
        from sweep.executors.ray import train_on_ray

        return partial(
            train_on_ray,
            self.cluster,
            data=data,
            backend=self.backend,
            cohorts_kept=self.cohorts_kept(),
            retries=self.retries,
        )

    def _by_programs(self, task: ProgramTask) -> Callable[..., Iterator[Event]]:
        same: dict[str, Any] = {"task": task, "retries": self.retries, "outputs": self.outputs}
        if self.cluster is not None:
            from sweep.executors.ray_programs import train_programs_on_ray

            return partial(train_programs_on_ray, self.cluster, **same)
        from sweep.executors.processes import train_in_processes

        return partial(train_in_processes, workers=self.workers, **same)
