"""The question of digits-lr-robustness in a small convolutional network.

    pip install "hyperparameter-robustness[digits]"
    sweep run digits-small-cnn

Two convolutions and a hidden layer, trained from scratch on scikit-learn's pictures of handwritten
digits, by the optimizers of digits-lr-robustness at its learning rates: see digits-architecture,
which holds them side by side.

Two minutes of processor time. Measured: mean accuracy over the range RAdam 87.3 % [85.3, 89.4],
Adam 82.9 % [64.4, 100.0], Adam with warm-up 77.5 % [64.1, 90.8], SGD 75.6 % [69.2, 81.9]; all pairs
are undecided at three seeds.
"""

from sweep.study import Inputs, Network, Study, log_spaced

study = Study(
    name="digits-small-cnn",
    question=(
        "How much does the accuracy of SGD, Adam, Adam with warm-up and RAdam depend on the "
        "learning rate, from 0.0003 to 0.3, in a small convolutional network on handwritten digits?"
    ),
    task=Network(model="small-cnn", data="digits", inputs=Inputs(scale=1 / 16)),
    optimizers=("sgd", "adam", "adam-warmup", "radam"),
    learning_rates=log_spaced(0.0003, 0.3, 7),
    seeds=3,
    epochs=10,
    batch_size=32,
)
