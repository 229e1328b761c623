"""The question of ``lr_robustness`` with all weights of VGG16 retrained, not only a head.

    sweep run dogs-vs-cats-all-weights --data dogs-vs-cats

VGG16's convolutions start from ImageNet weights, and all of its weights are trained on pictures of
cats and dogs, at four learning rates, which are lower than a head's. Training pictures are mirrored
at random, by the seed. For a GPU host: 36 trials of 10 epochs on 2,000 pictures of 224 × 224.

Run so far, to see that it runs, with 32 + 8 pictures for 2 epochs (--pictures 40 --epochs 2
--seeds 1 --set batch_size=16, ImageNet weights; 20 to 40 s a step on two busy processors): RAdam at
0.0001 has 7 of 8 right after the first epoch, and all after the second. And with the small network
that takes VGG16's place on rendered pets (--data rendered-pets). This says nothing of robustness.
"""

from sweep.study import Inputs, Network, Pictures, Study, log_spaced

study = Study(
    name="dogs-vs-cats-all-weights",
    question=(
        "How much does the accuracy of RAdam, Adam and Adam with warm-up depend on the learning "
        "rate, from 0.000003 to 0.003, where all weights of VGG16 are retrained?"
    ),
    pictures=Pictures(limit=2500),
    task=Network(
        model="vgg16",
        data="pictures",
        weights="imagenet",
        image_size=224,
        inputs=Inputs(flip=True),
    ),
    optimizers=("radam", "adam", "adam-warmup"),
    learning_rates=log_spaced(0.000003, 0.003, 4),
    seeds=3,
    epochs=10,
    batch_size=32,
    gradients=True,
)
