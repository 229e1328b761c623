"""The question of ``lr_robustness`` on the whole data set: 25,000 pictures, 100 epochs, 10 seeds.

    sweep run lr-robustness-full --data dogs-vs-cats

For a GPU host: 210 trials of 31,300 steps each. One cohort's weights, gradients and moments take
about 0.7 GB, the features of all pictures 1.3 GB.
"""

from sweep.study.axis import log_spaced
from sweep.study.study import Study
from sweep.study.tasks import Pictures

study = Study(
    name="lr-robustness-full",
    question=(
        "How much does the accuracy of RAdam, Adam and Adam with warm-up depend on the learning "
        "rate, from 0.003 to 0.1, after 100 epochs on all pictures?"
    ),
    pictures=Pictures(limit=None),
    optimizers=("radam", "adam", "adam-warmup"),
    learning_rates=log_spaced(0.003, 0.1, 7),
    seeds=10,
    epochs=100,
    batch_size=64,
    gradients=True,
)
