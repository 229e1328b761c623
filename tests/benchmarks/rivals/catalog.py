"""The rivals, by name: what each one is called, needs and does otherwise than ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True)
class Rival:
    """One way to train all learning rates.

    Attributes:
        name: of its module in this folder.
        title: in words.
        needs: what it imports beside the project's own dependencies.
        install: how to get it.
        optimizers: that it is measured with.
        by_default: whether it runs unless ``--full`` is asked for.
    """

    name: str
    title: str
    needs: Sequence[str] = ()
    install: str = ""
    optimizers: Sequence[str] = ("adam",)
    by_default: bool = True

    @property
    def missing(self) -> list[str]:
        """What it needs and cannot be imported."""
        return [package for package in self.needs if find_spec(package) is None]


BOTH = ("adam", "radam")
TORCH = "pip install torch (that of PyPI is built for CUDA; --index-url of PyTorch has others)"
RIVALS = (
    Rival("sweep_tensorflow", "sweep, TensorFlow", optimizers=BOTH),
    Rival("sweep_numba", "sweep, TensorFlow, numba", ("numba",), "pip install numba", BOTH),
    Rival("keras_fit", "Keras fit"),
    Rival("sweep_jax", "sweep, JAX", ("jax",), "pip install jax"),
    Rival("torch_sequential", "PyTorch, one by one", ("torch",), TORCH, BOTH),
    Rival("torch_vmap", "PyTorch, torch.func vmap", ("torch",), TORCH, BOTH),
    Rival("jax_vmap", "JAX vmap, optax", ("jax", "optax"), "pip install jax optax", BOTH),
    Rival("optuna_keras", "Optuna, Keras fit"),
    Rival(
        "keras_tuner_grid",
        "KerasTuner grid, Keras fit",
        ("keras_tuner", "tensorboard"),
        "pip install keras-tuner tensorboard",
    ),
    Rival("ray_tune", "Ray Tune, Keras fit", ("ray", "pandas", "pyarrow"), "pip install ray[tune]"),
    Rival("posts_way", "VGG16 in every epoch (extrapolated)", by_default=False),
)
OURS = "sweep_tensorflow"
QUICK = ("sweep_tensorflow", "keras_fit")
