"""Whether optimizers, schedules and callbacks of the user's own work at all, before a run begins.

Each is imported, built and asked for a first step. What is wrong then would fail every trial of it;
what shows only later fails its cohort alone. In the flow: ``executors`` ask before the task is
loaded, where something is to be trained. Importing this module loads Keras.
"""

from collections.abc import Iterable
from itertools import groupby

from sweep.errors import StudyError, SweepError
from sweep.optimizers.own_schedule import try_schedule
from sweep.optimizers.probe import try_step
from sweep.study.networks import Network
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import OwnSchedule
from sweep.study.training_config import TrainingConfig
from sweep.training import backend
from sweep.training.networks.callbacks import try_callback
from sweep.util.interrupts import raise_if_interrupted
from sweep.util.own_files import told

STEPS_AN_EPOCH = 100
"""As schedules are told while the true number is not known yet."""


def try_own(configs: Iterable[TrainingConfig], network: Network | None) -> None:
    """Refuse a run of an optimizer, schedule or callback that cannot take its first step.

    Args:
        configs: of what is to be trained.
        network: what is trained, where that is one; its callback is tried.

    Raises:
        StudyError: names it, and the line of the user's own code.
    """
    known = list(configs)
    own = sorted(
        (each for each in known if each.optimizer.is_own), key=lambda it: it.optimizer.label
    )
    for label, those in groupby(own, lambda it: it.optimizer.label):
        _try_optimizer(label, {repr(each.optimizer): each for each in those}.values())
    if network is not None and network.callback is not None:
        try_callback(network.callback, known[0].learning_rate, network.measure or "accuracy")


def _try_optimizer(label: str, configs: Iterable[TrainingConfig]) -> None:
    """Raise what is wrong with the first, if no other settings of it do better.

    A setting that its class refuses at some point of an axis fails the trials of that point alone.
    """
    wrong = None
    for config in configs:
        try:
            _try(label, config)
            return
        except StudyError as error:
            wrong = wrong or error
    if wrong is not None:
        raise wrong


def _try(label: str, config: TrainingConfig) -> None:
    schedule = config.optimizer.schedule
    if isinstance(schedule, OwnSchedule):
        try_schedule(schedule, STEPS_AN_EPOCH * config.epochs)
    if config.optimizer.known_algorithm is None:
        _try_step(label, config.optimizer)


def _try_step(label: str, optimizer: Optimizer) -> None:
    try:
        try_step(optimizer)
    except SweepError:
        raise
    except Exception as error:  # anything may come out of it
        raise_if_interrupted(error)
        if backend.is_out_of_memory(error):
            return  # its cohorts are made smaller
        raise StudyError(
            f"optimizer {label!r} ({optimizer.algorithm}) fails before it has taken a step: "
            f"{told(error)}",
            remedy="Mend it; --debug shows the whole traceback.",
        ) from error
