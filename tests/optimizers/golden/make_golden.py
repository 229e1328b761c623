# /// script
# requires-python = ">=3.11"
# dependencies = ["jax==0.10.2", "numpy", "optax==0.2.8", "torch==2.13.0"]
# ///
"""Make radam.npz: steps of RAdam by other implementations, all in float64.

    uv run tests/optimizers/golden/make_golden.py

One sequence of gradients, fixed beforehand, is fed to every case, so that a difference in one
step cannot grow through the next gradient. The file holds ``gradients`` (K, N), ``start`` (N,),
``cases`` (JSON, one an entry), and ``weights`` (C, K, N): after every step of every case.

Where ε is added differs: optax adds it after the bias correction, as sweep does, torch before.
So ε is 1e-30 in all cases, too small to matter wherever it is, but in optax's "epsilon" cases,
where it is large enough to decide.

Each case has sweep's names for its settings. Sources:

torch   torch.optim.RAdam, weight decay decoupled; rectifies where ρ_t > 5.
optax   optax.radam; rectifies where ρ_t ≥ threshold.
numpy   written here, in plain float64, after what the authors' package does since July 2021: no
        step where ρ_t < 5. (It then leaves out weight decay too; there is none in these cases.)
"""

import json
import math
from itertools import product
from pathlib import Path

import jax
import numpy as np
import optax
import torch

jax.config.update("jax_enable_x64", True)

STEPS, WEIGHTS = 60, 5
TINY = 1e-30
DECAY = 0.125  # exact in float32, to which Keras rounds it even for float64 weights
RATES = (0.003, 0.03, 0.1)
BETAS_2 = (0.5, 0.9, 0.99, 0.999, 0.9999)


def gradients() -> np.ndarray:
    """(K, N): noise around a drift, of very different sizes; the last weight's come late."""
    random = np.random.default_rng(0)
    gradients = random.normal(0.5, 1.0, (STEPS, WEIGHTS)) * np.array([1e-4, 1e-2, 1, 30, 1])
    gradients[:20, -1] = 0
    return gradients


def by_torch(case: dict, gradients: np.ndarray, start: np.ndarray) -> np.ndarray:
    weights = torch.tensor(start, requires_grad=True)
    optimizer = torch.optim.RAdam(
        [weights],
        lr=case["learning_rate"],
        betas=(case["beta_1"], case["beta_2"]),
        eps=case["epsilon"],
        weight_decay=case.get("weight_decay", 0),
        decoupled_weight_decay=True,
    )
    trace = []
    for gradient in gradients:
        weights.grad = torch.tensor(gradient)
        optimizer.step()
        trace.append(weights.detach().numpy().copy())
    return np.array(trace)


def by_optax(case: dict, gradients: np.ndarray, start: np.ndarray) -> np.ndarray:
    optimizer = optax.radam(
        case["learning_rate"],
        b1=case["beta_1"],
        b2=case["beta_2"],
        eps=case["epsilon"],
        threshold=case["threshold"],
    )
    weights = jax.numpy.asarray(start)
    state = optimizer.init(weights)
    step = jax.jit(optimizer.update)
    trace = []
    for gradient in gradients:
        updates, state = step(jax.numpy.asarray(gradient), state)
        weights = optax.apply_updates(weights, updates)
        trace.append(np.asarray(weights))
    return np.array(trace)


def by_numpy(case: dict, gradients: np.ndarray, start: np.ndarray) -> np.ndarray:
    beta_1, beta_2 = case["beta_1"], case["beta_2"]
    length_max = 2 / (1 - beta_2) - 1
    weights, first, second, trace = start.copy(), np.zeros(WEIGHTS), np.zeros(WEIGHTS), []
    for t, gradient in enumerate(gradients, start=1):
        first = beta_1 * first + (1 - beta_1) * gradient
        second = beta_2 * second + (1 - beta_2) * gradient**2
        length = length_max - 2 * t * beta_2**t / (1 - beta_2**t)
        if length >= 5:
            size = math.sqrt(
                (1 - beta_2**t)
                * ((length - 4) / (length_max - 4))
                * ((length - 2) / length)
                * (length_max / (length_max - 2))
            )
            denominator = np.sqrt(second) + case["epsilon"]
            weights = weights - case["learning_rate"] * size / (1 - beta_1**t) * first / denominator
        trace.append(weights)
    return np.array(trace)


def cases() -> list[dict]:
    """Every case: who made it, and the settings of sweep's RAdam that equal it."""
    plain = {"beta_1": 0.9, "epsilon": TINY, "threshold": 5.0, "below_threshold": "momentum"}
    grid = [
        plain | {"learning_rate": learning_rate, "beta_2": beta_2}
        for learning_rate, beta_2 in product(RATES, BETAS_2)
    ]
    return [
        *({"by": "torch"} | case for case in grid),
        *({"by": "optax"} | case for case in grid),
        *(
            {"by": "numpy"} | case | {"below_threshold": "skip"}
            for case in grid
            if case["beta_2"] > 0.5  # at 0.5 it never takes a step
        ),
        *(
            {"by": "torch"} | case | {"weight_decay": DECAY}
            for case in grid
            if case["beta_2"] > 0.9
        ),
        *({"by": "optax"} | case | {"threshold": 4.0} for case in grid if case["beta_2"] > 0.5),
        *({"by": "optax"} | case | {"epsilon": 0.01} for case in grid if case["beta_2"] > 0.9),
        {"by": "torch"} | grid[3] | {"beta_1": 0.0},
    ]


def main() -> None:
    """Write the file beside this script."""
    makers = {"torch": by_torch, "optax": by_optax, "numpy": by_numpy}
    start, steps = np.array([0.0, 1.0, -1.0, 10.0, 0.1]), gradients()
    all_cases = cases()
    weights = [makers[case["by"]](case, steps, start) for case in all_cases]
    np.savez_compressed(
        Path(__file__).with_name("radam.npz"),
        gradients=steps,
        start=start,
        cases=np.array([json.dumps(case) for case in all_cases]),
        weights=np.array(weights),
    )


if __name__ == "__main__":
    main()
