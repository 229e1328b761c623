"""How much does it matter how long the second moment remembers?

    sweep run beta2

RAdam and Adam at a learning rate of 0.01, with β₂ from 0.9 to 0.9999, evenly spaced in the
logarithm of 1 − β₂, that is of the length of the average.
"""

from sweep.study import Study, spaced

study = Study(
    name="beta2",
    question=(
        "How much does the accuracy of RAdam and Adam depend on β₂, from 0.9 to 0.9999, at a "
        "learning rate of 0.01?"
    ),
    optimizers=("radam", "adam"),
    axes=[spaced("optimizer.beta_2", 0.9, 0.9999, 7)],
    base={"learning_rate": 0.01},
    seeds=5,
)
