"""Optuna with Keras, as its examples have it: an objective that builds, compiles and fits.

``GridSampler`` over the same learning rates; the study is in memory. Every trial compiles its own
model, which falls under the warm-up. The features stay in memory between trials.
"""

from typing import Any

from tests.benchmarks.job import Made
from tests.benchmarks.rivals.timing import Training, main


def train(made: Made) -> list[Training]:
    """A study of one trial a learning rate."""
    import keras
    import optuna

    from tests.benchmarks.rivals.keras_model import build, fit, fit_arguments

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    data = fit_arguments(made)
    trainings: dict[float, Training] = {}

    def objective(trial: Any) -> float:
        keras.utils.clear_session()
        rate = trial.suggest_float("learning_rate", *limits(made), log=True)
        trainings[rate] = fit(build(made, rate), data)
        return trainings[rate].valid_accuracy[0]

    grid = {"learning_rate": list(made.job.learning_rates)}
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.GridSampler(grid))
    study.optimize(objective, n_trials=len(made.job.learning_rates))
    return [trainings[rate] for rate in made.job.learning_rates]


def limits(made: Made) -> tuple[float, float]:
    """The least and the largest learning rate."""
    return min(made.job.learning_rates), max(made.job.learning_rates)


if __name__ == "__main__":
    main(train)
