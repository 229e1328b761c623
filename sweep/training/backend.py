"""Gradient and compilation on the Keras backend in use: TensorFlow or JAX.

The rest of ``training`` is written with ``keras.ops`` against these functions. On TensorFlow,
variables are assigned inside the compiled function; on JAX their values go in and come out of it,
their memory given away to the step (donated).
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras

Function = Callable[..., Any]


def value_and_gradients(
    loss: Callable[[], tuple[Any, Any]], variables: Sequence[keras.Variable]
) -> tuple[Any, list[Any]]:
    """The second value of ``loss()`` and the gradients of its first by ``variables``."""
    if keras.backend.backend() == "jax":
        return _jax_value_and_gradients(loss, variables)
    import tensorflow as tf

    with tf.GradientTape() as tape:
        total, value = loss()
    return value, tape.gradient(total, [variable.value for variable in variables])


def _jax_value_and_gradients(
    loss: Callable[[], tuple[Any, Any]], variables: Sequence[keras.Variable]
) -> tuple[Any, list[Any]]:
    import jax

    def of_values(values: list[Any]) -> tuple[Any, Any]:
        with keras.StatelessScope(list(zip(variables, values, strict=True))):
            return loss()

    values = [variable.value for variable in variables]
    (_, value), gradients = jax.value_and_grad(of_values, has_aux=True)(values)
    return value, gradients


def compiled(function: Function, variables: Sequence[keras.Variable]) -> Function:
    """``function``, compiled by XLA; it may read and assign ``variables`` and no others.

    Args:
        function: of arrays; returns arrays.
        variables: all that it reads or assigns.
    """
    if keras.backend.backend() == "jax":
        return _jax_compiled(function, variables)
    import tensorflow as tf

    return tf.function(function, jit_compile=True, autograph=False)


def evaluation(function: Function, variables: Sequence[keras.Variable]) -> Function:
    """``function``, compiled for a network: on TensorFlow with its own kernels, else by XLA.

    Args:
        function: of arrays; returns arrays, and assigns nothing.
        variables: all that it reads.
    """
    if keras.backend.backend() == "jax":
        return _jax_compiled(function, variables)
    import tensorflow as tf

    return tf.function(function, autograph=False)


def compiled_step(
    gradients: Function,
    apply: Function,
    variables: Sequence[keras.Variable],
    *,
    micro_batches: bool = False,
) -> Function:
    """One step: ``gradients`` of arrays, its second result given to ``apply``; returns its first.

    On JAX XLA compiles the whole. On TensorFlow it compiles ``apply``, which is bound by memory and
    gains most from being fused; the matrix products stay with TensorFlow's own kernels, which are
    faster on a processor (measured: a step of seven trials takes 54 ms instead of 60).

    Args:
        gradients: of arrays; returns a value and the gradients.
        apply: of gradients; assigns variables.
        variables: all that either reads or assigns.
        micro_batches: whether the gradients are added up in a loop. XLA compiles the whole then:
            it takes one after another, where TensorFlow's own loop has several in memory at once.
    """

    def step(*arrays: Any) -> Any:
        value, found = gradients(*arrays)
        compiled_apply(found)
        return value

    if keras.backend.backend() == "jax":
        compiled_apply = apply
        return _jax_compiled(step, variables)
    import tensorflow as tf

    if micro_batches:
        compiled_apply = apply
        return tf.function(step, jit_compile=True, autograph=False)
    compiled_apply = tf.function(apply, jit_compile=True, autograph=False)
    return tf.function(step, autograph=False)


def _jax_compiled(function: Function, variables: Sequence[keras.Variable]) -> Function:
    import jax

    def stateless(values: list[Any], *arrays: Any) -> tuple[Any, list[Any]]:
        with keras.StatelessScope(list(zip(variables, values, strict=True))) as scope:
            result = function(*arrays)
        return result, [scope.get_current_value(variable) for variable in variables]

    step = jax.jit(stateless, donate_argnums=0)

    def call(*arrays: Any) -> Any:
        result, values = step([variable.value for variable in variables], *arrays)
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        return result

    return call


def take_gradients_as_they_are(optimizer: Any) -> None:
    """Let the optimizer not add up gradients over replicas, of which there is one.

    On TensorFlow Keras does so by an operation with a gradient of its own. TensorFlow registers
    that for good, and with it the graph and all variables: a cohort's weights and moments would
    stay in memory when the cohort is let go of. The numbers are the same.
    """
    optimizer._all_reduce_sum_gradients = list


OUT_OF_MEMORY_WORDS = (
    *("resource_exhausted", "out_of_memory", "out of memory"),
    "ynnpack operation failed",
)
"""The last is of XLA's kernels on a processor, which say no more where they get no memory."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the host or the device had too little memory for what was asked of it.

    NumPy and Python raise ``MemoryError``. The backends' own errors are told by their words:
    TensorFlow has a class of its own, but wraps the driver's in others; JAX has one for all.
    """
    if isinstance(error, MemoryError):
        return True
    if keras.backend.backend() == "jax":
        import jax

        return isinstance(error, jax.errors.JaxRuntimeError) and _says_out_of_memory(error)
    import tensorflow as tf

    if isinstance(error, tf.errors.ResourceExhaustedError):
        return True
    return isinstance(error, tf.errors.OpError) and _says_out_of_memory(error)


def _says_out_of_memory(error: BaseException) -> bool:
    return any(words in str(error).lower() for words in OUT_OF_MEMORY_WORDS)


def is_plain_cpu() -> bool:
    """Whether TensorFlow trains on a processor, where arrays in memory are what it computes on."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return not tf.config.list_physical_devices("GPU")


def device_name() -> str:
    """The device that trains, in words."""
    if keras.backend.backend() == "jax":
        import jax

        device = jax.devices()[0]
        return f"{device.device_kind} ({device.platform})"
    import tensorflow as tf

    accelerators = tf.config.list_physical_devices("GPU")
    if not accelerators:
        return "cpu"
    return tf.config.experimental.get_device_details(accelerators[0]).get("device_name", "gpu")
