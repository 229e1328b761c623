"""One learning rate for all batch sizes, in a small network on real digits.

    pip install "hyperparameter-robustness[digits]"
    sweep run digits-batch-size

The network and pictures of digits-lr-robustness, in batches of 8 to 512: SGD with momentum, Adam
and RAdam, each at one learning rate, near its best at batches of 32.

MEASURED
"""

from sweep.study import Axis, Inputs, Network, Optimizer, Study

study = Study(
    name="digits-batch-size",
    question=(
        "How much does the accuracy of SGD with momentum, Adam and RAdam depend on the batch size, "
        "from 8 to 512, at one learning rate each, in a small network on handwritten digits?"
    ),
    task=Network(model="mlp", data="digits", inputs=Inputs(scale=1 / 16)),
    optimizers=(
        Optimizer(
            label="sgd-momentum", algorithm="sgd", settings={"momentum": 0.9}, learning_rate=0.03
        ),
        Optimizer(label="adam", algorithm="adam", learning_rate=0.003),
        Optimizer(label="radam", algorithm="radam", learning_rate=0.003),
    ),
    axes=[Axis(name="batch_size", values=(8, 16, 32, 64, 128, 256, 512))],
    seeds=5,
    epochs=10,
)
