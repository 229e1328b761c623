"""Which optimizer's learning rate can stay as it is when the network is another one? Real digits.

    pip install "hyperparameter-robustness[digits]"
    sweep run digits-architecture
    sweep report digits-architecture --open

Three networks from scratch on scikit-learn's pictures of handwritten digits, by SGD, Adam, Adam
with warm-up and RAdam at seven learning rates: two hidden layers, a small convolutional network,
and a ResNet-20. The page ends with all three taken together.
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
