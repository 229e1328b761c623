"""JAX: ``vmap`` over the learning rates of one trial's step, with optax, compiled as a whole.

One compiled function a step, whose state is donated. The features are converted to float32 once and
kept so.

Legend: P learning rates, F features, H hidden units, B batch.
"""

from typing import Any

import numpy as np

from tests.benchmarks.job import Made
from tests.benchmarks.rivals.timing import Epochs, Training, main

EPSILON = 1e-7


def train(made: Made) -> list[Training]:
    """All learning rates at once."""
    import jax
    import jax.numpy as jnp

    job, count = made.job, made.job.train_count
    rates_P = jnp.asarray(job.learning_rates, jnp.float32)
    features_NF = jnp.asarray(made.features_NF.astype(np.float32))
    labels_N = jnp.asarray(made.labels_N.astype(np.float32))
    step, evaluate = compiled(job.optimizer)
    state = initial_state(made, len(rates_P), job.optimizer)
    watch, loss_P, accuracy_P = Epochs(), rates_P, rates_P
    for order_N in made.order_EN:
        for start in range(0, count, job.batch_size):
            rows_B = order_N[start : start + job.batch_size]
            state = step(state, rates_P, features_NF, labels_N, rows_B)
        loss_P, accuracy_P = evaluate(state[0], features_NF[count:], labels_N[count:])
        jax.block_until_ready(loss_P)
        watch.ended()
    return [watch.training(loss_P.tolist(), accuracy_P.tolist())]


def initial_state(made: Made, trials: int, optimizer: str) -> Any:
    """Weights and moments, each with an axis of P in front."""
    import jax
    import jax.numpy as jnp

    stacked = [jnp.repeat(jnp.asarray(values)[None], trials, axis=0) for values in made.weights]
    return stacked, jax.vmap(transformation(optimizer).init)(stacked)


def transformation(optimizer: str) -> Any:
    """optax' Adam or RAdam but for the learning rate."""
    import optax

    scale = optax.scale_by_radam if optimizer == "radam" else optax.scale_by_adam
    return scale(eps=EPSILON)


def compiled(optimizer: str) -> Any:
    """The step and the evaluation of all learning rates, compiled at their first call."""
    import jax
    import jax.numpy as jnp
    import optax

    change = transformation(optimizer)

    def logits_of(weights: Any, features_BF: Any) -> Any:
        kernel_FH, bias_H, out_kernel_H1, out_bias_1 = weights
        hidden_BH = jax.nn.relu(features_BF @ kernel_FH + bias_H)
        return (hidden_BH @ out_kernel_H1 + out_bias_1)[:, 0]

    def loss_of(weights: Any, features_BF: Any, labels_B: Any) -> Any:
        logits_B = logits_of(weights, features_BF)
        return optax.sigmoid_binary_cross_entropy(logits_B, labels_B).mean()

    def step(state: Any, learning_rate: Any, features_BF: Any, labels_B: Any) -> Any:
        weights, moments = state
        gradients = jax.grad(loss_of)(weights, features_BF, labels_B)
        updates, moments = change.update(gradients, moments, weights)
        updates = jax.tree.map(lambda update: -learning_rate * update, updates)
        return optax.apply_updates(weights, updates), moments

    def step_of_rows(state: Any, rates_P: Any, features_NF: Any, labels_N: Any, rows_B: Any) -> Any:
        each = jax.vmap(step, in_axes=(0, 0, None, None))
        return each(state, rates_P, features_NF[rows_B], labels_N[rows_B])

    def evaluate(weights: Any, features_BF: Any, labels_B: Any) -> Any:
        right_B = (logits_of(weights, features_BF) > 0) == (labels_B > 0)
        return loss_of(weights, features_BF, labels_B), jnp.mean(right_B)

    return (
        jax.jit(step_of_rows, donate_argnums=0),
        jax.jit(jax.vmap(evaluate, in_axes=(0, None, None))),
    )


if __name__ == "__main__":
    main(train)
