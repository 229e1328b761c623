"""The files of ``sweep new NAME --network``: a study, and a module of a model and its data."""

from pathlib import PurePath

STUDY = '''"""Which question does this study ask? Say it here, and what you measured.

    sweep run {name}

It trains the network of {module}.py, in the folder that you run it in.
"""

from sweep.study import Network, Study, log_spaced  # and Inputs, Metric for what is left out

study = Study(
    name="{name}",
    question="How much does the accuracy of my network depend on the learning rate?",
    task=Network(
        # Your own, as module:function; or a model that is built in: mlp, small-cnn, resnet20,
        # vgg16, vgg19, and data: digits, cifar-10, pictures.
        model="{module}:build",
        data="{module}:load",
        # A Keras loss and metric by name, or your own as module:name. Left out, they are the
        # cross-entropy of the classes, and accuracy.
        # loss="mse",
        # measure="mae",
        # metric=Metric(name="mean absolute error", unit="kWh", direction="minimize", near=0.1),
        # What becomes of the inputs on the device: pixels of 0 … 255 to 0 … 1, for example.
        # inputs=Inputs(scale=1 / 255, flip=True, crop=4),
    ),
    optimizers=("radam", "adam", "sgd"),
    learning_rates=log_spaced(0.001, 1, 4),
    seeds=3,
    epochs=10,
    batch_size=32,
)
'''

MODULE = '''"""The network of {file}: what it is, and what it is trained on."""

import keras
import numpy as np


def load():
    """Training and validation examples: here the points of three noisy spirals, a class each.

    Each part may be two arrays as here, or a tf.data.Dataset or keras.utils.PyDataset of batches.
    Targets that are whole numbers 0 … K - 1 are classes.
    """
    random = np.random.default_rng(0)
    classes = np.arange(1500) % 3
    radius = random.uniform(0.1, 1, 1500)
    angle = 4 * radius + 2 * np.pi * classes / 3 + random.normal(0, 0.25, 1500)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return (points[:1200], classes[:1200]), (points[1200:], classes[1200:])


def build(seed):
    """A new, uncompiled model with the initial weights of a seed.

    Keras' own random numbers are seeded before it is called. Its outputs are logits.
    """
    return keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(3),
        ]
    )
'''


def network_files(name: str) -> dict[PurePath, str]:
    """The files of a study of a network, by their paths from the current folder.

    Args:
        name: of the study.
    """
    stem = name.replace("-", "_")
    module, study = f"{stem}_network", PurePath(f"studies/{stem}.py")
    return {
        PurePath(f"{module}.py"): MODULE.format(file=study.as_posix()),
        study: STUDY.format(name=name, module=module),
    }
