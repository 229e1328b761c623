"""The comparison that this project began with: Adam and RAdam at one learning rate, their curves.

    sweep run adam-vs-radam

A blog post trained a head on VGG16 for Dogs vs. Cats with Adam and with RAdam (Liu et al. 2020,
arXiv 1908.03265), both at the default learning rate of 0.001, and compared four curves: loss and
accuracy, in training and in validation. The report's training curves are those four, with every
seed; what happens at other learning rates, ``lr-robustness`` asks.
"""

from sweep.study import Study

study = Study(
    name="adam-vs-radam",
    question="Do Adam and RAdam differ at a learning rate of 0.001, in loss or in accuracy?",
    optimizers=("radam", "adam"),
    learning_rates=(0.001,),
    seeds=10,
    epochs=20,
    gradients=True,
)
