"""Ours on TensorFlow: all learning rates at once, through ``CohortTraining``.

Without the extra ``numba``, also where it is installed: ``sweep_numba`` is with it.
It also evaluates before training; that falls under the warm-up, as the first epoch does.
"""

import sys

from tests.benchmarks.job import SEED, Made
from tests.benchmarks.rivals.timing import Epochs, Training, main
from tests.made_plans import made_cohort


def train_on(backend: str, made: Made) -> list[Training]:
    """One cohort of all learning rates on ``backend``."""
    from sweep.study.optimizer import BUILT_IN_OPTIMIZERS
    from sweep.training.keras_runtime import load_keras

    load_keras(backend)
    from sweep.planning.events import EpochResult
    from sweep.tasks.task import TrainingData
    from sweep.training.loop import CohortTraining

    job = made.job
    cohort = made_cohort(
        BUILT_IN_OPTIMIZERS[job.optimizer],
        job.learning_rates,
        seed=SEED,
        epochs=job.epochs,
        batch_size=job.batch_size,
        hidden_units=job.hidden_units,
    )
    training = CohortTraining(TrainingData(made.features_NF, made.labels_N, job.train_count))
    watch, last = Epochs(), None
    for event in training.train(cohort):
        if isinstance(event, EpochResult):
            last = event
            if event.epoch == 0:
                watch = Epochs()
            else:
                watch.ended()
    assert last is not None
    return [watch.training(last.valid_loss_P.tolist(), last.valid_accuracy_P.tolist())]


if __name__ == "__main__":
    sys.modules["numba"] = None  # type: ignore[assignment]
    main(lambda made: train_on("tensorflow", made))
