"""How much does it matter how strongly the weights decay?

    sweep run weight-decay

RAdam and AdamW at a learning rate of 0.01, with decoupled weight decay from 0.0001 to 1 (of which a
step takes learning rate × weight decay), beside Adam without any.
"""

from sweep.study import Optimizer, Study, spaced

study = Study(
    name="weight-decay",
    question=(
        "How much does the accuracy of RAdam and AdamW depend on weight decay, from 0.0001 to 1, "
        "at a learning rate of 0.01?"
    ),
    optimizers=(
        "radam",
        "adamw",
        Optimizer(label="adam-without", algorithm="adam", fixed=("optimizer.weight_decay",)),
    ),
    axes=[spaced("optimizer.weight_decay", 0.0001, 1, 7)],
    base={"learning_rate": 0.01},
    seeds=5,
)
