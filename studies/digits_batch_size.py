"""One learning rate for all batch sizes, in a small network on real digits.

    pip install "hyperparameter-robustness[digits]"
    sweep run digits-batch-size

The network and pictures of digits-lr-robustness, in batches of 8 to 512: SGD with momentum, Adam
and RAdam, each at one learning rate, near its best at batches of 32.

9 minutes on two busy cores, three of them of processor time. Measured: mean accuracy over the
batch sizes Adam 96.2 % [95.7, 96.8], SGD with momentum 94.3 % [93.2, 95.5], RAdam 82.3 %
[79.9, 84.8]. All three differ. RAdam loses at the large batches (21 % at 512, where it has 30
steps, and takes a small part of its learning rate in them).
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
    gradients=True,
)
