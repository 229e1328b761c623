"""Studies of all kinds of axes, for tests of what is made of their results."""

from sweep.study.axis import Axis, spaced
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import Warmup
from sweep.study.study import Study

ADAM = Optimizer(label="adam", algorithm="adam")
RADAM = Optimizer(label="radam", algorithm="radam")
BATCHES = Axis(name="batch_size", values=(16, 64, 256))
RATES = Axis(name="learning_rate", values=(0.003, 0.01, 0.03, 0.1))


def made(*axes: Axis, optimizers=(RADAM, ADAM), **more) -> Study:
    """A study of these axes, at a learning rate of 0.001 where it is not swept."""
    rate = {} if any(axis.name == "learning_rate" for axis in axes) else {"learning_rate": 0.001}
    return Study(
        name="made",
        question="Which one?",
        optimizers=optimizers,
        axes=axes,
        base=rate,
        seeds=3,
        epochs=4,
        **more,
    )


def batch_sizes() -> Study:
    return made(BATCHES)


def two_axes() -> Study:
    return made(BATCHES, RATES)


def betas() -> Study:
    return made(spaced("optimizer.beta_2", 0.9, 0.9999, 4))


def ragged() -> Study:
    """Adam has batch sizes of its own; both have 64 and 256."""
    own = Optimizer(label="adam", algorithm="adam", values={"batch_size": (64, 128, 256)})
    return made(BATCHES, optimizers=(RADAM, own))


def apart() -> Study:
    """No batch size is shared."""
    own = Optimizer(label="adam", algorithm="adam", values={"batch_size": (32, 128)})
    return made(BATCHES, RATES, optimizers=(RADAM, own))


def epochs() -> Study:
    return made(Axis(name="epochs", values=(1, 2, 6)))


def warmups() -> Study:
    """RAdam does not follow the warm-up's length."""
    fixed = Optimizer(label="radam", algorithm="radam", fixed=("warmup.steps",))
    warm = Optimizer(label="adam", algorithm="adam", warmup=Warmup(steps=5))
    return made(Axis(name="warmup.steps", values=(10, 100, 1000)), optimizers=(fixed, warm))
