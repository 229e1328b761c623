"""What of a study is another on rendered pets: its pictures, and its backbone or network. Pure."""

from typing import Any, NamedTuple

from sweep.study.networks import Network
from sweep.study.tasks import RENDERED_PETS, Model, Pictures


class Proportions(NamedTuple):
    """How many rendered pets a study takes that does not say it, and how large they are.

    Attributes:
        limit: pictures at most.
        image_size: height and width in pixels.
    """

    limit: int
    image_size: int


QUICK = Proportions(limit=1250, image_size=32)
"""For a first look: a quarter of the arithmetic of ``EARLIER``."""
EARLIER = Proportions(limit=2500, image_size=48)
"""Of studies that version 0.1 began, which go on with them."""


def rendered(pictures: Pictures, model: Model, proportions: Proportions) -> dict[str, Any]:
    """The fields of a study that are others on rendered pets, by name.

    Args:
        pictures, model: the study's; how many pictures it takes, if it says so, stays.
        proportions: for what it does not say.

    Example:
        >>> rendered(Pictures(), Model(), QUICK)["pictures"].limit
        1250
        >>> rendered(Pictures(limit=600), Model(), QUICK)["pictures"].limit
        600
    """
    limit = pictures.limit if "limit" in pictures.model_fields_set else proportions.limit
    base = {"backbone": "small", "weights": "random", "image_size": proportions.image_size}
    return {
        "pictures": pictures.model_copy(update={"dataset": RENDERED_PETS, "limit": limit}),
        "model": model.model_copy(update=base),
    }


def rendered_network(network: Network, proportions: Proportions) -> Network:
    """The network that trains on rendered pets: in VGG's place a small one, on small pictures.

    All others, and your own, stay what they are.

    Example:
        >>> vgg = Network(model="vgg16", data="pictures", weights="imagenet", image_size=224)
        >>> small = rendered_network(vgg, QUICK)
        >>> small.model, small.image_size, small.weights
        ('small-cnn', 32, None)
    """
    if network.weights is None:
        return network
    inputs = network.inputs.model_copy(update={"scale": network.inputs.scale / 255})
    small = {"model": "small-cnn", "weights": None, "image_size": proportions.image_size}
    return network.model_copy(update=small | {"inputs": inputs})  # VGG takes pixels of 0 … 255
