"""The question of lr-robustness on the features of VGG19.

    sweep run vgg19-lr-robustness --data dogs-vs-cats

As lr-robustness, but for the frozen base: VGG19 has three convolutions more than VGG16, and
features of the same shape. See architecture, which holds them side by side.
"""

from sweep.study import Model, Study, log_spaced

study = Study(
    name="vgg19-lr-robustness",
    question=(
        "How much does the accuracy of RAdam, Adam and Adam with warm-up depend on the learning "
        "rate, from 0.003 to 0.1, on the features of VGG19?"
    ),
    model=Model(backbone="vgg19"),
    optimizers=("radam", "adam", "adam-warmup"),
    learning_rates=log_spaced(0.003, 0.1, 7),
    seeds=5,
    epochs=10,
    batch_size=64,
)
