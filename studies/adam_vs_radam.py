"""The comparison that this project began with: Adam and RAdam at one learning rate, their curves.

    sweep run adam-vs-radam

A blog post trained a head on VGG16 for Dogs vs. Cats with Adam and with RAdam (Liu et al. 2020,
arXiv 1908.03265), both at the default learning rate of 0.001, and compared four curves: loss and
accuracy, in training and in validation. The report's training curves are those four, with every
seed; what happens at other learning rates, ``lr-robustness`` asks.

10 minutes on two cores, with the features in the cache. Measured on 1,998 + 500 pictures, ten
seeds: validation accuracy after 20 epochs RAdam 97.1 % [96.6, 97.6], Adam 97.5 % [97.0, 98.0];
RAdam minus Adam −0.4 points, 95 % interval −1.0 to 0.3: undecided at a margin of 1 point. In the
first epoch RAdam's mean training loss is 1.1 and Adam's 5.0, but after 20 it is 0.026 against
0.003, and the validation loss 1.5 against 0.75. From one epoch to the next RAdam's validation
accuracy moves by 0.58 points on average and Adam's by 0.23 (paired by seed, 0.35 ± 0.11 more, one
standard error): that RAdam's curves are the steadier ones, as the post saw them, is not what was
measured here.
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
