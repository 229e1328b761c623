"""The options that commands share, with their help. ``texts`` says what their texts mean.

Nothing heavy is imported here: every ``--help`` loads it.
"""

from pathlib import Path
from typing import Annotated, Literal

import typer


def _no_password(url: str | None) -> str | None:
    """Refuse a password where every user of the machine can read it."""
    from sweep.errors import UsageError
    from sweep.settings import without_password

    if url and without_password(url) != url:
        raise UsageError(
            f"a password is in --store {without_password(url)}",
            rule="Every user of the machine can see what is typed into a command.",
            remedy="Leave it out and set PGPASSWORD or PGPASSFILE, or put the whole URL into "
            "SWEEP_STORE or into a file that SWEEP_STORE_FILE names.",
        )
    return url


def _axis_names() -> list[str]:
    """What the shell completes ``--axis`` and ``--set`` with."""
    from sweep.study.hyperparameters import HYPERPARAMETERS

    return [f"{name}=" for name in HYPERPARAMETERS]


StudyArgument = Annotated[
    str,
    typer.Argument(metavar="STUDY", help="Name of a study (sweep list) or path of its file."),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="Database of the results, e.g. sqlite:///mine.db. "
        "(default: SWEEP_STORE or SWEEP_STORE_FILE, else sqlite:///sweep.db)",
        show_default=False,
        callback=_no_password,
    ),
]
NameOption = Annotated[
    str | None,
    typer.Option("--name", help="Store the study under this name, e.g. wider.", show_default=False),
]
DataOption = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="PATH|dogs-vs-cats|rendered-pets",
        help="Pictures: a folder or zip file, the downloaded archive, or the built-in ones.",
        show_default=False,
    ),
]
WeightsOption = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="imagenet|random|PATH",
        help="Weights of the backbone, e.g. vgg16_notop.weights.h5.",
        show_default=False,
    ),
]
AxisOption = Annotated[
    list[str] | None,
    typer.Option(
        "--axis",
        metavar="NAME=VALUES",
        help="Sweep this hyperparameter instead of the study's, e.g. batch_size=16:512:6 "
        "(LOW:HIGH:COUNT) or optimizer.beta_2=0.9,0.99,0.999. At most twice, for a grid of two.",
        show_default=False,
        autocompletion=_axis_names,
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Set a hyperparameter that is not swept, e.g. learning_rate=0.003 or "
        "optimizer.beta_2=0.99. Can be repeated.",
        show_default=False,
        autocompletion=_axis_names,
    ),
]
EpochsOption = Annotated[
    int | None,
    typer.Option("--epochs", help="Number of epochs, e.g. 3.", show_default=False),
]
SeedsOption = Annotated[
    str | None,
    typer.Option(
        "--seeds",
        help="Number of seeds, e.g. 5, or a list of them, e.g. 0,1,7.",
        show_default=False,
    ),
]
UntilDecidedOption = Annotated[
    bool,
    typer.Option(
        "--until-decided",
        help="Add seeds in stages until every pair of optimizers is shown to be different or "
        "equivalent, or --max-seeds or --budget ends.",
    ),
]
MarginOption = Annotated[
    float | None,
    typer.Option(
        "--margin",
        metavar="POINTS",
        help="With --until-decided: optimizers that are closer than this, in points of accuracy or "
        "in the metric's unit, are equivalent, e.g. 0.5. (default: the study's, 1)",
        show_default=False,
    ),
]
MaxSeedsOption = Annotated[
    int | None,
    typer.Option(
        "--max-seeds",
        help="With --until-decided: maximum number of seeds, e.g. 60. (default: 200)",
        show_default=False,
    ),
]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        "--budget",
        metavar="TIME",
        help="How long the run may take, e.g. 30min, 2h or 90s: what would not fit is not begun. "
        "Downloads and features count, come to their end, and are kept. (default: no limit)",
        show_default=False,
    ),
]
RefineOption = Annotated[
    float | None,
    typer.Option(
        "--refine",
        metavar="WIDTH",
        help="Add values until the edges of every optimizer's robust range are known within this "
        "width, in decades (of whole numbers in octaves, on a linear scale in its unit), e.g. "
        "0.05.",
        show_default=False,
    ),
]
PicturesOption = Annotated[
    int | None,
    typer.Option("--pictures", help="Maximum number of pictures, e.g. 500.", show_default=False),
]
ClassesOption = Annotated[
    str | None,
    typer.Option(
        "--classes",
        metavar="NAME,NAME,…",
        help="Classes to take, by the names of their folders, e.g. cats,dogs. (default: all)",
        show_default=False,
    ),
]
SplitOption = Annotated[
    Literal["by-seed", "own", "given"] | None,
    typer.Option(
        "--split",
        help="Let each seed split all pictures anew (by-seed), split them once by their content "
        "(own), or keep the folder's train/ and validation/ (given). (default: the study's, "
        "by-seed)",
        show_default=False,
    ),
]
TwinsOption = Annotated[
    Literal["together", "apart"] | None,
    typer.Option(
        "--twins",
        help="Keep pictures that look the same on one side of the split, or let them fall apart. "
        "(default: the study's, together)",
        show_default=False,
    ),
]
OrientationOption = Annotated[
    Literal["applied", "ignored"] | None,
    typer.Option(
        "--orientation",
        help="Whether the EXIF orientation of pictures is applied. (default: the study's, ignored)",
        show_default=False,
    ),
]
FlipsOption = Annotated[
    bool | None,
    typer.Option(
        "--flips/--no-flips",
        help="Train on mirror images too: each epoch sees a picture or its mirror image, as the "
        "seed draws it. (default: the study's, --no-flips)",
        show_default=False,
    ),
]
GradientsOption = Annotated[
    bool | None,
    typer.Option(
        "--gradients/--no-gradients",
        help="Record histograms of the gradients at some steps of each training, for the report; "
        "the results are the same with and without. (default: the study's)",
        show_default=False,
    ),
]
GradientStepsOption = Annotated[
    str | None,
    typer.Option(
        "--gradient-steps",
        metavar="STEPS",
        help="Record them at these steps instead, e.g. 1,5,10,25; each takes half a step's time, "
        "of a small network two and a half.",
        show_default=False,
    ),
]
PrecisionOption = Annotated[
    Literal["auto", "float32", "mixed_bfloat16"] | None,
    typer.Option(
        "--precision",
        help="What the features are computed in: mixed_bfloat16, which is faster where processor "
        "or GPU has it; float32; or auto, as the study was begun, else the faster one here. "
        "(default: the study's, auto)",
        show_default=False,
    ),
]
OptimizersOption = Annotated[
    str | None,
    typer.Option(
        "--optimizers", help="Labels of the optimizers, e.g. radam,adam,sgd.", show_default=False
    ),
]
RatesOption = Annotated[
    str | None,
    typer.Option(
        "--learning-rates",
        help="Learning rates: a list, e.g. 0.003,0.01,0.03, or LOW:HIGH:COUNT at equal ratios, "
        "e.g. 0.003:0.1:7. Short for an --axis learning_rate beside the study's others.",
        show_default=False,
    ),
]
MemoryOption = Annotated[
    str | None,
    typer.Option(
        "--memory-limit",
        metavar="SIZE",
        help="Train fewer trials at once to stay below this much memory, e.g. 6GB or 800MB. "
        "(default: all that can train together)",
        show_default=False,
    ),
]
ExecutorOption = Annotated[
    Literal["local", "ray"],
    typer.Option("--executor", help="Train in this process or on a Ray cluster."),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="ray://HOST:PORT|HOST:PORT|auto",
        help="Address of the Ray cluster, e.g. auto. (default: RAY_ADDRESS, else a new local one)",
        show_default=False,
        autocompletion=lambda: ["auto", "ray://"],
    ),
]
GpusOption = Annotated[
    float | None,
    typer.Option(
        "--gpus-per-cohort",
        help="GPUs of each cohort on Ray; 0.5 trains two at once on a GPU. "
        "(default: 1 if there are any)",
        show_default=False,
    ),
]
CpusOption = Annotated[
    float | None,
    typer.Option(
        "--cpus-per-cohort",
        help="CPUs, and threads, of each cohort on Ray, e.g. 4. "
        "(default: all of a node, or 1 beside a GPU)",
        show_default=False,
    ),
]
RetriesOption = Annotated[
    int,
    typer.Option("--retries", min=0, help="Maximum number of retries of what failed, e.g. 2."),
]
RoundingOption = Annotated[
    int,
    typer.Option(
        "--measure-rounding",
        metavar="SEEDS",
        min=0,
        help="Train the trials of this many seeds once more, rounded otherwise, to tell how much "
        "of the variance over seeds is rounding alone, e.g. 2.",
        show_default=False,
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        help="Trials of a training function or program of your own to run at once, each in a "
        "process of its own, e.g. 4. (default: 1)",
        show_default=False,
    ),
]
WaitOption = Annotated[
    bool, typer.Option("--wait", help="Wait for a concurrent run of the study to end.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write to this file, e.g. trials.csv, instead of the screen.",
        show_default=False,
    ),
]
OpenOption = Annotated[bool, typer.Option("--open", help="Open it in the browser.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
