"""The claim of RAdam's paper in its own setting: ResNet-20 on CIFAR-10, and what others measured.

    sweep data fetch cifar-10
    sweep run cifar10-lr-robustness

Liu et al. 2020 (arXiv 1908.03265, section 5.2): ResNet-20, batches of 128 with the last one kept,
164 epochs, the learning rate cut to a tenth before the epochs 81 and 122 (counted from 0); pictures
padded by 4 pixels, cropped and mirrored at random; a decay of 1e-4 on all weights; ε of 1e-8;
warm-ups of 100, 200, 500 and 1,000 steps from a rate of 1e-6. The report holds the numbers of the
paper, and those of a reproduction, beside those that are measured.

Decay is decoupled × the current learning rate in all optimizers but SGD, where it is coupled with
the momentum, as in the authors' programs (``sgd-l2``). RAdam's ε stands after the bias correction
here, before it in theirs. PyTorch multiplies SGD's momentum by the learning rate, Keras has the
rate in the momentum: they differ for some ten steps after each cut.

For a GPU host: 160 trials of 164 epochs on 50,000 pictures.

Run so far on made pictures of that layout alone (240, 2 epochs, two of the optimizers), to see that
it runs: its numbers say nothing.
"""

from sweep.study import Inputs, Network, Optimizer, Published, StepDecay, Study, Warmup
from sweep.study.optimizer import Setting

CUTS = StepDecay(factor=0.1, epochs=(81, 122))
DECOUPLED: dict[str, Setting] = {"weight_decay": 1e-4, "epsilon": 1e-8}
COUPLED: dict[str, Setting] = {"momentum": 0.9, "l2": 1e-4}
PAPER = "Liu et al. 2020, arXiv 1908.03265"
REPRODUCTION = "T. Yamamoto, github.com/Tony-Y/pytorch_warmup, examples/cifar10"
OTHERWISE = "186 epochs, ImageNet's means and deviations, last batch dropped"


def _adam(label: str, warmup: Warmup | None = None) -> Optimizer:
    return Optimizer(
        label=label, algorithm="adam", settings=DECOUPLED, schedule=CUTS, warmup=warmup
    )


def _paper(optimizer: str, percent: float, rate: float | None = None, note: str = "") -> Published:
    return Published(
        source=PAPER, optimizer=optimizer, value=percent / 100, learning_rate=rate, note=note
    )


def _reproduced(optimizer: str, rate: float, error: float, deviation: float) -> Published:
    """From the error in percent, with its standard deviation."""
    return Published(
        source=REPRODUCTION,
        optimizer=optimizer,
        value=round(1 - error / 100, 4),
        learning_rate=rate,
        deviation=round(deviation / 100, 4),
        seeds=5,
        note=OTHERWISE,
    )


study = Study(
    name="cifar10-lr-robustness",
    question=(
        "How much does the accuracy of SGD, Adam, RAdam and Adam with warm-up depend on the "
        "learning rate, from 0.003 to 0.1, in a ResNet-20 on CIFAR-10?"
    ),
    task=Network(
        model="resnet20",
        data="cifar-10",
        inputs=Inputs(
            crop=4,
            flip=True,
            scale=1 / 255,
            mean=(0.4914, 0.4822, 0.4465),
            deviation=(0.2023, 0.1994, 0.2010),
        ),
    ),
    optimizers=(
        Optimizer(label="radam", algorithm="radam", settings=DECOUPLED, schedule=CUTS),
        _adam("adam"),
        Optimizer(label="sgd", algorithm="sgd-l2", settings=COUPLED, schedule=CUTS),
        *(
            _adam(f"adam-warmup-{steps}", Warmup(steps=steps, start=1e-6))
            for steps in (100, 200, 500, 1000)
        ),
        _adam("adam-warmup-untuned", Warmup(steps=2000)),
    ),
    learning_rates=(0.003, 0.01, 0.03, 0.1),
    seeds=5,
    epochs=164,
    batch_size=128,
    pairs="first",
    published=(
        _paper("sgd", 91.51),
        _paper("adam", 90.54),
        _paper("radam", 91.38),
        _paper("radam", 91.06, 0.1),
        _paper("adam-warmup-100", 90.13, 0.1),
        _reproduced("sgd", 0.1, 8.23, 0.25),
        _reproduced("adam", 0.1, 13.15, 0.75),
        _reproduced("radam", 0.1, 8.91, 0.25),
        _reproduced("adam-warmup-untuned", 0.1, 8.73, 0.21),
        _reproduced("sgd", 0.01, 10.70, 0.14),
        _reproduced("adam", 0.01, 9.06, 0.42),
        _reproduced("radam", 0.01, 8.82, 0.31),
        _reproduced("adam-warmup-untuned", 0.01, 8.81, 0.06),
    ),
    gradients=True,
)
