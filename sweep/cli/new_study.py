"""``sweep new``: a study file to start from, and for a network of your own its module."""

import re
from pathlib import Path
from typing import Annotated

import typer

from sweep.errors import UsageError
from sweep.util.files import write_whole
from sweep.util.paths import as_typed

TEXT = '''"""Which question does this study ask? Say it here, and what you measured.

    sweep run {name}
"""

from sweep.study import Axis, Optimizer, Pictures, Study, Warmup, log_spaced

study = Study(
    name="{name}",
    question="How much does the accuracy depend on the learning rate?",
    # Your own pictures: a folder with one folder for each class, or a zip of it.
    # pictures=Pictures(dataset="path/to/pictures", limit=None),
    # Each seed draws its own split of them; split="given" keeps a folder's train/ and validation/.
    pictures=Pictures(limit=2500),
    optimizers=(
        "radam",
        "adam",
        Optimizer(label="adam-500", algorithm="adam", warmup=Warmup(steps=500)),
        # Your own Keras optimizer: module:Class, from this folder or installed.
        # Optimizer(label="mine", algorithm="my_module:MyOptimizer", settings={{"beta": 0.9}}),
    ),
    # What is swept: one axis, or two for a grid.
    axes=[
        Axis(name="learning_rate", values=log_spaced(0.003, 0.1, 7)),
        # Axis(name="batch_size", values=(16, 32, 64, 128, 256, 512)),
        # Axis(name="optimizer.beta_2", values=(0.9, 0.99, 0.999)),
        # Axis(name="warmup.steps", values=(100, 200, 500, 1000)),
    ],
    # What is not swept: the learning rate, for example, where the axis is another one. An
    # optimizer may have its own: Optimizer(label="a", algorithm="adam", learning_rate=0.001).
    # base={{"learning_rate": 0.003, "optimizer.weight_decay": 0.01}},
    seeds=5,
    epochs=10,
    batch_size=64,
)
'''

NETWORK_TEXT = '''"""Which question does this study ask? Say it here, and what you measured.

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

MODULE_TEXT = '''"""The network of {file}: what it is, and what it is trained on."""

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


def new(
    name: Annotated[str, typer.Argument(help="Name of the study, e.g. batch-size.")],
    network: Annotated[
        bool,
        typer.Option(
            "--network",
            help="A study of a Keras model of your own, with a module of model and data beside it.",
        ),
    ] = False,
) -> None:
    """Write a study file to start from into ./studies, and show its path.

    With --network, its model and data are written into a module in this folder, and both run as
    they are.

    Example: sweep new my-optimizers

    Example: sweep new my-model --network
    """
    for path in write_study(name, Path("studies"), Path() if network else None):
        typer.echo(path)


def write_study(name: str, folder: Path, modules: Path | None = None) -> tuple[Path, ...]:
    """Write a new study file, and return its path.

    Args:
        name: of the study.
        folder: for the file.
        modules: the folder for a network's module; None for a study of the built-in model.

    Returns:
        The paths of what was written.

    Raises:
        UsageError: the name is not one, there is such a file already, or it cannot be written.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        raise UsageError(
            f"{name!r} is no name of a study",
            rule="A name is letters, digits, dashes and underscores, and begins with a letter.",
            remedy="For example: `sweep new my-optimizers`.",
        )
    stem = name.replace("-", "_")
    path = folder / f"{stem}.py"
    if modules is None:
        texts = {path: TEXT.format(name=name)}
    else:
        module = f"{stem}_network"
        texts = {
            path: NETWORK_TEXT.format(name=name, module=module),
            modules / f"{module}.py": MODULE_TEXT.format(file=path.as_posix()),
        }
    for each in texts:
        if each.exists():
            raise UsageError(
                f"{as_typed(each)} is there already",
                remedy="Choose another name, or edit that file.",
            )
    for each, text in texts.items():
        _write(each, text)
    return tuple(texts)


def _write(path: Path, text: str) -> None:
    try:
        with write_whole(path) as file:
            file.write(text.encode())
    except OSError as error:
        raise UsageError(
            f"{as_typed(path)} cannot be written: {error.strerror or error}",
            remedy="Go to a folder of your own, on a disk with some free space.",
        ) from error
