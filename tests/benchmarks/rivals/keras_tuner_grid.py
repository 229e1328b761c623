"""KerasTuner's ``GridSearch``, with a ``HyperModel`` that builds and fits.

It saves the weights of a trial's best epoch to the disk, and compiles every trial's model anew,
which falls under the warm-up.
"""

import tempfile
from typing import Any

from tests.benchmarks.job import Made
from tests.benchmarks.rivals.timing import Epochs, Training, main


def train(made: Made) -> list[Training]:
    """A search of one trial a learning rate."""
    import keras
    import keras_tuner

    from tests.benchmarks.rivals.keras_model import build, fit_arguments

    trainings: dict[float, Training] = {}
    rates = list(made.job.learning_rates)

    class Head(keras_tuner.HyperModel):
        def build(self, hp: Any) -> Any:
            return build(made, hp.Choice("learning_rate", rates))

        def fit(self, hp: Any, model: Any, *args: Any, callbacks: Any, **kwargs: Any) -> Any:
            watch = Epochs()
            ended = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: watch.ended())
            history = model.fit(*args, callbacks=[*callbacks, ended], **kwargs)
            logs = history.history
            trainings[hp.get("learning_rate")] = watch.training(
                logs["val_loss"][-1:], logs["val_accuracy"][-1:]
            )
            return history

    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.GridSearch(Head(), objective="val_accuracy", directory=folder)
        tuner.search(**fit_arguments(made))
    return [trainings[rate] for rate in rates]


if __name__ == "__main__":
    main(train)
