"""Whether the networks of a cohort can train at once, and whether it pays.

In the flow: ``training`` asks for what it trains; ``sweep plan`` says it.
"""

from collections.abc import Iterator

import keras

_CONVOLUTIONS = (
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.DepthwiseConv2D,
)


def alone_because(model: keras.Model) -> str | None:
    """Why networks like this one train one by one; None where JAX trains them at once.

    On a processor ``jax.vmap`` makes grouped convolutions of convolutions, which XLA computes
    slowly there.

    Args:
        model: built.
    """
    if keras.backend.backend() != "jax":
        return "TensorFlow trains networks one at a time"
    if any(variable.constraint is not None for variable in model.trainable_variables):
        return "a constraint looks at whole variables"
    if _on_processor() and any(isinstance(each, _CONVOLUTIONS) for each in layers_of(model)):
        return "convolutions of several networks at once are slow on a processor"
    return None


def layers_of(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """All layers of a model, those within others too."""
    yield from model._flatten_layers(include_self=False)


def _on_processor() -> bool:
    import jax

    return jax.devices()[0].platform == "cpu"
