"""The head as a Keras model, and its data: for all rivals that train by ``fit``.

The features go to TensorFlow once, in float16, and every batch is gathered from them and becomes
float32 in the model, as ``fit`` does with arrays; but in a ``tf.data`` pipeline, which Keras'
documentation recommends for speed and which gives the batches in our order.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.benchmarks.job import Made
from tests.benchmarks.rivals.timing import Epochs, Training


def build(made: Made, learning_rate: float) -> Any:
    """A compiled model with the initial weights."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((made.job.features,), dtype="float32"),
            keras.layers.Dense(made.job.hidden_units, "relu"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)],
    )
    model.set_weights(made.weights)
    return model


def fit(model: Any, data: dict[str, Any], callbacks: Sequence[Any] = ()) -> Training:
    """Train a model from its weights, with ``data`` as of ``fit_arguments``."""
    import keras

    watch = Epochs()
    ended = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: watch.ended())
    logs = model.fit(**data, callbacks=[*callbacks, ended]).history
    return watch.training(logs["val_loss"][-1:], logs["val_accuracy"][-1:])


def fit_arguments(made: Made) -> dict[str, Any]:
    """What ``fit`` takes: the training pictures in the order of every epoch, and the others."""
    import tensorflow as tf

    job = made.job
    batches = tf.data.Dataset.from_tensor_slices(made.order_EN)
    batches = batches.flat_map(
        lambda order_N: tf.data.Dataset.from_tensor_slices(order_N).batch(job.batch_size)
    )
    features, labels = (tf.constant(np.asarray(part)) for part in made.train)
    valid = tuple(tf.constant(np.asarray(part)) for part in made.valid)
    return {
        "x": batches.map(
            lambda rows_B: (tf.gather(features, rows_B), tf.gather(labels, rows_B)),
            num_parallel_calls=tf.data.AUTOTUNE,
        ).prefetch(tf.data.AUTOTUNE),
        "validation_data": tf.data.Dataset.from_tensor_slices(valid)
        .batch(job.batch_size)
        .prefetch(tf.data.AUTOTUNE),
        "epochs": job.epochs,
        "steps_per_epoch": job.steps_per_epoch,
        "shuffle": False,
        "verbose": 0,
    }
