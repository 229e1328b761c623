"""Which optimizer's learning rate can stay as it is when the network is another one? Real digits.

    pip install "hyperparameter-robustness[digits]"
    sweep run digits-architecture
    sweep report digits-architecture --open

Three networks from scratch on scikit-learn's pictures of handwritten digits, by SGD, Adam, Adam
with warm-up and RAdam at seven learning rates: two hidden layers, a small convolutional network,
and a ResNet-20. The page ends with all three taken together, at the seeds that all have.

Two and a half minutes of processor time for the first two together, at three seeds. Measured with
three seeds: RAdam's mean accuracy over the learning rates is 91.9 % [89.0, 94.9] with two hidden
layers and 87.3 % [85.3, 89.4] in the small convolutional network, Adam's 87.8 % [86.9, 88.7] and
82.9 % [64.4, 100.0], SGD's 64.8 % [62.5, 67.1] and 75.6 % [69.2, 81.9].

The ResNet-20 was measured at four of the seven learning rates (0.0003, 0.003, 0.03 and 0.3) without
Adam with warm-up, in 13 minutes of processor time (--optimizers sgd,adam,radam --learning-rates
0.0003,0.003,0.03,0.3): RAdam 95.8 % [94.5, 97.0], Adam 94.9 % [92.8, 97.0], SGD 88.4 %
[86.4, 90.3]. At these four, over all three networks: one learning rate for all costs SGD nothing
(0.3, the end of the range), RAdam 0.009 [0.000, 0.031] and Adam 0.014 [0.000, 0.039] of the
normalized score (0.03): none is shown to need the least tuning. Of all 36 trainings each, RAdam has
a normalized score of 0.5 or more in 92 %, Adam in 81 % [69, 93], SGD in 67 %; one of 0.9 or more
Adam in 72 % [60, 84], SGD in 53 % [41, 65], RAdam in 50 % [29, 71].
"""

from sweep.study import Chapter, Collection

collection = Collection(
    name="digits-architecture",
    title="One learning rate for three networks? Handwritten digits",
    chapters=(
        Chapter(study="digits-lr-robustness", heading="Two hidden layers"),
        Chapter(study="digits-small-cnn", heading="Small convolutional network"),
        Chapter(study="digits-resnet20", heading="ResNet-20"),
    ),
)
