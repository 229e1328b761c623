"""The question of digits-lr-robustness in a ResNet-20.

    pip install "hyperparameter-robustness[digits]"
    sweep run digits-resnet20

Twenty layers with batch normalization, trained from scratch on scikit-learn's pictures of
handwritten digits, by the optimizers of digits-lr-robustness at its learning rates: see
digits-architecture, which holds them side by side.

About half an hour of processor time. Measured at four of the learning rates (--optimizers
sgd,adam,radam --learning-rates 0.0003,0.003,0.03,0.3; 13 minutes): mean accuracy over the range
RAdam 95.8 % [94.5, 97.0], Adam 94.9 % [92.8, 97.0], SGD 88.4 % [86.4, 90.3]. RAdam is better than
SGD; against Adam it is undecided.
"""

from sweep.study import Inputs, Network, Study, log_spaced

study = Study(
    name="digits-resnet20",
    question=(
        "How much does the accuracy of SGD, Adam, Adam with warm-up and RAdam depend on the "
        "learning rate, from 0.0003 to 0.3, in a ResNet-20 on handwritten digits?"
    ),
    task=Network(model="resnet20", data="digits", inputs=Inputs(scale=1 / 16)),
    optimizers=("sgd", "adam", "adam-warmup", "radam"),
    learning_rates=log_spaced(0.0003, 0.3, 7),
    seeds=3,
    epochs=10,
    batch_size=32,
)
