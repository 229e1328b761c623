"""The backbones that there are: VGG, a small random one, and all others of ``keras.applications``.

Light: what is known of a network here is known without Keras. A test builds some of them and sees
that it is so.
"""

from collections.abc import Callable
from dataclasses import dataclass

Grid = Callable[[int], int]
"""From the height of pictures in pixels to the height of the last feature map."""


def _same(size: int) -> int:
    return -(-size // 32)


def _cut(size: int) -> int:
    return size // 32


def _xception(size: int) -> int:
    return -(-((size - 3) // 2 - 1) // 16)


def _nasnet(size: int) -> int:
    return -(-((size - 1) // 2) // 16)


def _inception(size: int) -> int:
    edge = (size - 3) // 2 - 1
    edge = (edge - 3) // 2 - 1
    for _ in range(3):
        edge = (edge - 3) // 2 + 1
    return edge


@dataclass(frozen=True)
class Backbone:
    """A network of ``keras.applications``, without its top.

    Attributes:
        kind: the function's name there.
        module: where its ``preprocess_input`` is.
        channels: of its last feature map.
        image_size: in pixels, with which its ImageNet weights were made.
        least: the smallest pictures that it takes.
        grid: the height of its last feature map.
    """

    kind: str
    module: str
    channels: int
    image_size: int = 224
    least: int = 32
    grid: Grid = _same

    def feature_count(self, image_size: int) -> int:
        """Numbers in its last feature map.

        Example:
            >>> BACKBONES["vgg16"].feature_count(224)
            25088
        """
        return self.grid(image_size) ** 2 * self.channels


def _family(module: str, rows: dict[str, tuple[int, int]], grid: Grid = _same) -> list[Backbone]:
    """Networks of one module: by kind, channels and image size."""
    return [
        Backbone(kind, module, channels, size, grid=grid) for kind, (channels, size) in rows.items()
    ]


BACKBONES: dict[str, Backbone] = {
    each.kind.lower(): each
    for each in (
        Backbone("VGG16", "vgg16", 512, grid=_cut),
        Backbone("VGG19", "vgg19", 512, grid=_cut),
        Backbone("Xception", "xception", 2048, 299, least=71, grid=_xception),
        Backbone("InceptionV3", "inception_v3", 2048, 299, least=75, grid=_inception),
        Backbone("InceptionResNetV2", "inception_resnet_v2", 1536, 299, least=75, grid=_inception),
        *_family("nasnet", {"NASNetMobile": (1056, 224), "NASNetLarge": (4032, 331)}, _nasnet),
        *_family("resnet", {f"ResNet{depth}": (2048, 224) for depth in (50, 101, 152)}),
        *_family("resnet_v2", {f"ResNet{depth}V2": (2048, 224) for depth in (50, 101, 152)}),
        *_family("mobilenet", {"MobileNet": (1024, 224)}),
        *_family("mobilenet_v2", {"MobileNetV2": (1280, 224)}),
        *_family("mobilenet_v3", {"MobileNetV3Small": (576, 224), "MobileNetV3Large": (960, 224)}),
        *_family(
            "densenet",
            {"DenseNet121": (1024, 224), "DenseNet169": (1664, 224), "DenseNet201": (1920, 224)},
            _cut,
        ),
        *_family(
            "efficientnet",
            {
                **{"EfficientNetB0": (1280, 224), "EfficientNetB1": (1280, 240)},
                **{"EfficientNetB2": (1408, 260), "EfficientNetB3": (1536, 300)},
                **{"EfficientNetB4": (1792, 380), "EfficientNetB5": (2048, 456)},
                **{"EfficientNetB6": (2304, 528), "EfficientNetB7": (2560, 600)},
            },
        ),
        *_family(
            "efficientnet_v2",
            {
                **{"EfficientNetV2B0": (1280, 224), "EfficientNetV2B1": (1280, 240)},
                **{"EfficientNetV2B2": (1408, 260), "EfficientNetV2B3": (1536, 300)},
                **{"EfficientNetV2S": (1280, 384), "EfficientNetV2M": (1280, 480)},
                "EfficientNetV2L": (1280, 480),
            },
        ),
        *_family(
            "convnext",
            {
                **{"ConvNeXtTiny": (768, 224), "ConvNeXtSmall": (768, 224)},
                **{"ConvNeXtBase": (1024, 224), "ConvNeXtLarge": (1536, 224)},
                "ConvNeXtXLarge": (2048, 224),
            },
            _cut,
        ),
    )
}
"""By name, as a study's model says it."""

SMALL = "small"
VGG = ("vgg16", "vgg19")
NAMES = (*BACKBONES, SMALL)
