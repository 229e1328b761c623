"""Which optimizer's learning rate can stay as it is when the frozen base is another one?

    sweep run architecture --data dogs-vs-cats
    sweep report architecture --open

The head of lr-robustness on the features of VGG16, VGG19 and the small MobileNetV3, with ImageNet
weights, by RAdam, Adam and Adam with warm-up at seven learning rates. The page ends with all three
taken together. On rendered pets all three would have the same small base, so it asks for real
pictures.

Run so far, to see it run, on 160 + 40 pictures (--pictures 200 --seeds 3): VGG16 with ImageNet
weights, where all three optimizers have 92 to 98 % up to a learning rate of 0.056, and MobileNetV3
with random ones. VGG19 was not run, and nothing but VGG16 was measured with ImageNet weights, so
nothing is known of all three together.
"""

from sweep.study import Chapter, Collection

collection = Collection(
    name="architecture",
    title="One learning rate for three frozen bases? Cats and dogs",
    chapters=(
        Chapter(study="lr-robustness", heading="Features of VGG16"),
        Chapter(study="vgg19-lr-robustness", heading="Features of VGG19"),
        Chapter(study="mobilenet-lr-robustness", heading="Features of MobileNetV3"),
    ),
)
