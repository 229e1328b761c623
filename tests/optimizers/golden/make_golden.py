# /// script
# requires-python = ">=3.11"
# dependencies = ["jax==0.10.2", "numpy", "optax==0.2.8", "torch==2.13.0"]
# ///
"""Make radam.npz and family.npz: steps by other implementations, all in float64.

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

family.npz has the same gradients and start; each case says who made it:

lookahead    optax.lookahead around optax.sgd, optax.adam and optax.radam.
adam-2k      written here after the authors' Adam2: in the first ``variance_steps`` steps the second
             moment alone is updated.
keras-2019   written here after keras-rectified-adam 0.11.0: r m̂ / √(v̂ + ε), decay decoupled.

one_cycle.npz holds, by the number of steps, what torch.optim.lr_scheduler.OneCycleLR has for a
learning rate of 1.
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
# Exact in float32, to which Keras rounds settings even for float64 weights:
DECAY = 0.125
EXACT = {"beta_1": 0.875, "beta_2": 0.96875, "epsilon": 2**-13}
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


def by_lookahead(case: dict, gradients: np.ndarray, start: np.ndarray) -> np.ndarray:
    inner = {
        "sgd": lambda: optax.sgd(case["learning_rate"], momentum=EXACT["beta_1"]),
        "adam": lambda: optax.adam(
            case["learning_rate"], EXACT["beta_1"], EXACT["beta_2"], eps=TINY
        ),
        "radam": lambda: optax.radam(case["learning_rate"], eps=TINY),
    }[case["algorithm"]]()
    optimizer = optax.lookahead(inner, sync_period=case["steps"], slow_step_size=case["alpha"])
    weights = optax.LookaheadParams.init_synced(jax.numpy.asarray(start))
    state, trace = optimizer.init(weights), []
    step = jax.jit(optimizer.update)
    for gradient in gradients:
        updates, state = step(jax.numpy.asarray(gradient), state, weights)
        weights = optax.apply_updates(weights, updates)
        trace.append(np.asarray(weights.fast))
    return np.array(trace)


def by_adam2(case: dict, gradients: np.ndarray, start: np.ndarray) -> np.ndarray:
    beta_1, beta_2, rate = case["beta_1"], case["beta_2"], case["learning_rate"]
    weights, first, second, trace = start.copy(), np.zeros(WEIGHTS), np.zeros(WEIGHTS), []
    for t, gradient in enumerate(gradients, start=1):
        second = beta_2 * second + (1 - beta_2) * gradient**2
        if t > case["variance_steps"]:
            weights = weights - case.get("weight_decay", 0) * rate * weights
            first = beta_1 * first + (1 - beta_1) * gradient
            step_size = rate * math.sqrt(1 - beta_2**t) / (1 - beta_1**t)
            weights = weights - step_size * first / (np.sqrt(second) + case["epsilon"])
        trace.append(weights)
    return np.array(trace)


def by_keras_2019(case: dict, gradients: np.ndarray, start: np.ndarray) -> np.ndarray:
    beta_1, beta_2 = case["beta_1"], case["beta_2"]
    sma_inf = 2 / (1 - beta_2) - 1
    weights, first, second, trace = start.copy(), np.zeros(WEIGHTS), np.zeros(WEIGHTS), []
    for t, gradient in enumerate(gradients, start=1):
        first = beta_1 * first + (1 - beta_1) * gradient
        second = beta_2 * second + (1 - beta_2) * gradient**2
        update = first / (1 - beta_1**t)
        sma = sma_inf - 2 * t * beta_2**t / (1 - beta_2**t)
        if sma >= 5:
            shares = (sma - 4) / (sma_inf - 4) * (sma - 2) / (sma_inf - 2) * sma_inf / sma
            update = math.sqrt(shares) * update
            update = update / np.sqrt(second / (1 - beta_2**t) + case["epsilon"])
        update = update + case.get("weight_decay", 0) * weights
        weights = weights - case["learning_rate"] * update
        trace.append(weights)
    return np.array(trace)


def family() -> list[dict]:
    """Every case of family.npz."""
    floor = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
    return [
        *(
            {"by": "lookahead", "algorithm": algorithm, "learning_rate": 0.03}
            | {"steps": steps, "alpha": alpha}
            for algorithm, (steps, alpha) in product(
                ("sgd", "adam", "radam"), ((5, 0.5), (1, 0.5), (7, 0.8), (5, 1.0))
            )
        ),
        *(
            {"by": "adam-2k", "learning_rate": rate, "variance_steps": steps} | EXACT | more
            for rate, steps in product((0.003, 0.1), (0, 20))
            for more in ({}, {"weight_decay": DECAY})
        ),
        *(
            {"by": "keras-2019", "learning_rate": rate} | floor | more
            for rate in RATES
            for more in ({}, {"weight_decay": DECAY}, {"epsilon": 0.01})
        ),
    ]


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
    """Write the files beside this script."""
    write("radam.npz", cases(), {"torch": by_torch, "optax": by_optax, "numpy": by_numpy})
    makers = {"lookahead": by_lookahead, "adam-2k": by_adam2, "keras-2019": by_keras_2019}
    write("family.npz", family(), makers)
    rates = {str(steps): one_cycle(steps) for steps in (10, 37, 100)}
    np.savez_compressed(Path(__file__).with_name("one_cycle.npz"), **rates)


def one_cycle(steps: int) -> np.ndarray:
    """The learning rate at every step, by PyTorch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=steps)
    rates = []
    for step in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < steps - 1:
            schedule.step()
    return np.array(rates)


def write(name: str, all_cases: list[dict], makers: dict) -> None:
    """Write a file of golden steps."""
    start, steps = np.array([0.0, 1.0, -1.0, 10.0, 0.1]), gradients()
    weights = [makers[case["by"]](case, steps, start) for case in all_cases]
    np.savez_compressed(
        Path(__file__).with_name(name),
        gradients=steps,
        start=start,
        cases=np.array([json.dumps(case) for case in all_cases]),
        weights=np.array(weights),
    )


if __name__ == "__main__":
    main()
