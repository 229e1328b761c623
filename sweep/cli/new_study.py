"""``sweep new``: a study file to start from."""

import re
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Annotated

import typer

from sweep.cli.console import show_note
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


def new(
    name: Annotated[str, typer.Argument(help="Name of the study, e.g. batch-size.")],
    function: Annotated[
        bool, typer.Option("--function", help="Train by a Python function of your own.")
    ] = False,
    command: Annotated[
        bool, typer.Option("--command", help="Train by a program of your own.")
    ] = False,
    network: Annotated[
        bool, typer.Option("--network", help="Train a Keras model of your own, end to end.")
    ] = False,
) -> None:
    """Write a study file to start from into ./studies, and show its path.

    With --function, --command or --network, a module to start from is written beside it.

    Example: sweep new my-optimizers

    Example: sweep new my-training --function

    Example: sweep new my-model --network
    """
    chosen = {"--function": function, "--command": command, "--network": network}
    kinds = [kind.removeprefix("--") for kind, is_chosen in chosen.items() if is_chosen]
    if len(kinds) > 1:
        raise UsageError(
            f"{' and '.join(f'--{kind}' for kind in kinds)}: a study trains by one of them",
            remedy="Name one of them.",
        )
    hides = _is_built_in(name)
    if kinds:
        _check_name(name)
        write_new(_files(name, kinds[0]))
    else:
        typer.echo(write_study(name, Path("studies")))
    if hides:
        show_note(
            f"In this folder {name} is now your study: it hides the built-in one of that name."
        )


def _is_built_in(name: str) -> bool:
    from sweep.study import catalog

    called = name.replace("_", "-")
    return any(entry.name == called and entry.built_in for entry in catalog.entries())


def _files(name: str, kind: str) -> Mapping[PurePath, str]:
    if kind == "network":
        from sweep.cli.new_network import network_files

        return network_files(name)
    from sweep.cli.new_programs import program_files

    return program_files(name, kind)


def write_new(files: Mapping[PurePath, str]) -> None:
    """Write new files, by their paths from the current folder, and show these.

    Raises:
        UsageError: one is there already, so that none is written, or cannot be written.
    """
    for path in files:
        _check_new(Path(path))
    for path, text in files.items():
        typer.echo(_write(Path(path), text))


def write_study(name: str, folder: Path) -> Path:
    """Write a new study file into ``folder``, and return its path.

    Raises:
        UsageError: the name is not one, there is such a file already, or it cannot be written.
    """
    _check_name(name)
    path = folder / f"{name.replace('-', '_')}.py"
    _check_new(path)
    return _write(path, TEXT.format(name=name))


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        raise UsageError(
            f"{name!r} is no name of a study",
            rule="A name is letters, digits, dashes and underscores, and begins with a letter.",
            remedy="For example: `sweep new my-optimizers`.",
        )


def _check_new(path: Path) -> None:
    if path.exists():
        raise UsageError(
            f"{as_typed(path)} is there already",
            remedy="Choose another name, or edit that file.",
        )


def _write(path: Path, text: str) -> Path:
    try:
        with write_whole(path) as file:
            file.write(text.encode())
    except OSError as error:
        raise UsageError(
            f"{as_typed(path)} cannot be written: {error.strerror or error}",
            remedy="Go to a folder of your own, on a disk with some free space.",
        ) from error
    return path
