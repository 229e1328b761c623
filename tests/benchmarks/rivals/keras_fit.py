"""Keras ``fit`` on TensorFlow, one learning rate after another, in one model that is compiled once.

Before every trial the model gets the initial weights, and its optimizer begins anew. Compiled as
Keras does by default (``jit_compile="auto"``).
"""

from tests.benchmarks.job import Made
from tests.benchmarks.rivals.timing import Training, main


def train(made: Made) -> list[Training]:
    """One ``fit`` a learning rate."""
    from tests.benchmarks.rivals.keras_model import build, fit, fit_arguments

    model, data = build(made, 0.0), fit_arguments(made)
    trainings = []
    for rate in made.job.learning_rates:
        model.set_weights(made.weights)
        for variable in model.optimizer.variables:
            variable.assign(0 * variable)
        model.optimizer.learning_rate = rate
        trainings.append(fit(model, data))
    return trainings


if __name__ == "__main__":
    main(train)
