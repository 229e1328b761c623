"""What ``sweep new --function`` and ``--command`` write: a training of one's own, and its study.

Both run as they are, with NumPy alone: a small network on made numbers, to be replaced.
"""

from pathlib import PurePath

STUDY = '''"""Which question does this study ask? Say it here, and what you measured.

    sweep run {name}
"""

from sweep import {kind}, Metric, Optimizer, Study, log_spaced

study = Study(
    name="{name}",
    question="How much does the accuracy depend on the learning rate?",
    # Trained by {module}.py; a trial that takes longer than so many minutes fails.
    task={kind}(
        {task},
        metric=Metric(name="accuracy", guessing=0.5),
        minutes=10,
    ),
    # A label, and what your training makes of it: the name of an algorithm, or module:Class of
    # your framework, such as torch.optim:RAdam, with settings under its own names.
    optimizers=(
        Optimizer(label="sgd", algorithm="sgd"),
        Optimizer(label="momentum", algorithm="sgd", settings={{"momentum": 0.9}}),
    ),
    # What is swept: one axis, or two for a grid. Axis(name="own.dropout", values=(0, 0.2, 0.5))
    # is a hyperparameter that your training alone knows.
    learning_rates=log_spaced(0.01, 10, 4),
    seeds=3,
    epochs=5,
    batch_size=32,
)
'''

_TRAINING = '''import numpy as np


def made_data(seed):
    """400 examples of two classes, of which 300 are to train on; the seed draws which."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(400, 2))
    y = (x[:, 0] * x[:, 1] > 0).astype(float)
    order = np.random.default_rng(seed).permutation(400)
    return x[order], y[order]


def epochs_of(seed, learning_rate, momentum, epochs, batch_size):
    """The training loss and the validation accuracy of each epoch."""
    (x, y), rng = made_data(seed), np.random.default_rng(seed)
    weights = [rng.normal(size=(2, 16)), np.zeros(16), rng.normal(size=16) / 4, np.zeros(1)]
    velocity = [np.zeros_like(each) for each in weights]

    def outputs(x):
        hidden = np.maximum(x @ weights[0] + weights[1], 0)
        return hidden, hidden @ weights[2] + weights[3]

    for _ in range(epochs):
        losses = []
        for rows in np.array_split(rng.permutation(300), -(-300 // batch_size)):
            hidden, logits = outputs(x[rows])
            losses.append(np.mean(np.logaddexp(0, logits) - y[rows] * logits))
            error = (1 / (1 + np.exp(-logits)) - y[rows]) / len(rows)
            back = np.outer(error, weights[2]) * (hidden > 0)
            gradients = [x[rows].T @ back, back.sum(0), hidden.T @ error, error.sum(keepdims=True)]
            for each, moment, gradient in zip(weights, velocity, gradients, strict=True):
                moment[:] = momentum * moment + gradient
                each -= learning_rate * moment
        yield np.mean(losses), np.mean((outputs(x[300:])[1] > 0) == y[300:])
'''

_FUNCTION = '''"""Trains one trial: sweep calls train(config, report), in a process of its own."""

{training}

def train(config, report):
    """Train as config says, and report each epoch: 1, 2, … up to config.epochs.

    config has optimizer (the label), algorithm, settings, learning_rate, seed, epochs, batch_size,
    warmup, schedule and lookahead of the optimizer, learning_rates(steps_per_epoch) with the first
    two, and own, the hyperparameters that you name as own.NAME.
    report takes train_metric, valid_loss and effective_learning_rate too. A loss that is NaN or
    infinite ends the trial: it has diverged.
    """
    done = epochs_of(
        config.seed,
        config.learning_rate,
        config.settings["momentum"],
        config.epochs,
        config.batch_size,
    )
    for epoch, (loss, accuracy) in enumerate(done, start=1):
        report(epoch, train_loss=loss, valid_metric=accuracy)
'''

_COMMAND = '''"""Trains one trial: a program that prints a line of JSON for each epoch.

A line may have train_metric, valid_loss and effective_learning_rate too; other lines are output. A
loss that is NaN or infinite ends the trial: it has diverged.
"""

import argparse
import json

{training}

def main():
    """Train as the options say."""
    parser = argparse.ArgumentParser()
    for name in ("lr", "momentum"):
        parser.add_argument(f"--{{name}}", type=float, required=True)
    for name in ("seed", "epochs", "batch"):
        parser.add_argument(f"--{{name}}", type=int, required=True)
    said = parser.parse_args()
    done = epochs_of(said.seed, said.lr, said.momentum, said.epochs, said.batch)
    for epoch, (loss, accuracy) in enumerate(done, start=1):
        print(json.dumps({{"epoch": epoch, "train_loss": loss, "valid_metric": accuracy}}))


if __name__ == "__main__":
    main()
'''

_WORDS = (
    "python {module}.py --lr {{learning_rate}} --momentum {{optimizer.momentum}} "
    "--seed {{seed}} --epochs {{epochs}} --batch {{batch_size}}"
)


def program_files(name: str, kind: str) -> dict[PurePath, str]:
    """The files of a study that trains by itself, by their paths from the current folder.

    Args:
        name: of the study.
        kind: ``function`` or ``command``.
    """
    stem = name.replace("-", "_")
    module = f"{stem}_training"
    if kind == "function":
        task, training = f'"{module}:train"', _FUNCTION.format(training=_TRAINING)
    else:
        first, second = _WORDS.format(module=module).split(" --seed")
        task = f'"{first} "\n        "--seed{second}"'
        training = _COMMAND.format(training=_TRAINING)
    study = STUDY.format(name=name, kind=kind.capitalize(), module=module, task=task)
    return {PurePath(f"{module}.py"): training, PurePath(f"studies/{stem}.py"): study}
