"""How much does it matter how strongly the weights decay, in a small network on real digits?

    pip install "hyperparameter-robustness[digits]"
    sweep run digits-weight-decay

The network and pictures of digits-lr-robustness, with decoupled weight decay from 0.001 to 10 (of
which a step takes learning rate × weight decay): SGD with momentum, AdamW and RAdam, each at one
learning rate, beside Adam without any.

12 minutes on two busy cores, five of them of processor time. Measured: mean accuracy over the range
AdamW 92.5 % [90.8, 94.3], RAdam 87.7 % [87.1, 88.4], SGD with momentum 68.6 % [64.1, 73.1], Adam
without decay 97.8 % [97.1, 98.5]. All differ. A step takes learning rate × decay, and SGD's
learning rate is ten times the others': its 1 is as strong as their 10.
"""

from sweep.study import Inputs, Network, Optimizer, Study, spaced

study = Study(
    name="digits-weight-decay",
    question=(
        "How much does the accuracy of SGD with momentum, AdamW and RAdam depend on weight decay, "
        "from 0.001 to 10, in a small network on handwritten digits?"
    ),
    task=Network(model="mlp", data="digits", inputs=Inputs(scale=1 / 16)),
    optimizers=(
        Optimizer(
            label="sgd-momentum", algorithm="sgd", settings={"momentum": 0.9}, learning_rate=0.03
        ),
        Optimizer(label="adamw", algorithm="adamw", learning_rate=0.003),
        Optimizer(label="radam", algorithm="radam", learning_rate=0.003),
        Optimizer(
            label="adam-without",
            algorithm="adam",
            learning_rate=0.003,
            fixed=("optimizer.weight_decay",),
        ),
    ),
    axes=[spaced("optimizer.weight_decay", 0.001, 10, 5)],
    seeds=5,
    epochs=20,
    batch_size=32,
    gradients=True,
)
