"""How wide the convolutional bases are: what they, and files of their weights, are made of."""

WIDTHS = {
    "vgg16": (*2 * (64,), *2 * (128,), *3 * (256,), *6 * (512,)),
    "vgg19": (*2 * (64,), *2 * (128,), *4 * (256,), *8 * (512,)),
    "small": (32, 64, 128),
}
"""Channels of the 3 × 3 convolutions of each backbone, in order."""
