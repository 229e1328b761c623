"""The question of lr-robustness on the features of MobileNetV3.

    sweep run mobilenet-lr-robustness --data dogs-vs-cats

As lr-robustness, but for the frozen base: the small MobileNetV3 takes a hundredth of VGG16's
arithmetic, and its 28,224 features a picture, against 25,088, make a head of about the same size.
They can be negative, where VGG's cannot. See architecture, which holds them side by side.
"""

from sweep.study import Model, Study, log_spaced

study = Study(
    name="mobilenet-lr-robustness",
    question=(
        "How much does the accuracy of RAdam, Adam and Adam with warm-up depend on the learning "
        "rate, from 0.003 to 0.1, on the features of MobileNetV3?"
    ),
    model=Model(backbone="mobilenetv3small"),
    optimizers=("radam", "adam", "adam-warmup"),
    learning_rates=log_spaced(0.003, 0.1, 7),
    seeds=5,
    epochs=10,
    batch_size=64,
)
