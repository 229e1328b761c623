"""Does Lookahead make Adam and RAdam more robust to the learning rate?

    pip install "hyperparameter-robustness[digits]"
    sweep run lookahead

Lookahead (Zhang et al. 2019, arXiv 1907.08610) goes back half the way after every five steps of the
optimizer inside it. RAdam in Lookahead is known as Ranger.

A small network on scikit-learn's digits, trained from scratch for 450 steps.
"""

from sweep.study import Inputs, Network, Study, log_spaced

study = Study(
    name="lookahead",
    question=(
        "Do Adam and RAdam keep their accuracy over more learning rates, from 0.0003 to 0.3, with "
        "Lookahead around them?"
    ),
    task=Network(model="mlp", data="digits", inputs=Inputs(scale=1 / 16)),
    optimizers=("lookahead-adam", "adam", "ranger", "radam"),
    learning_rates=log_spaced(0.0003, 0.3, 7),
    seeds=5,
    epochs=10,
    batch_size=32,
    gradients=True,
)
