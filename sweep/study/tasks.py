"""What a study trains, and on what."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from sweep.study.backbones import BACKBONES, NAMES, SMALL
from sweep.study.hyperparameters import MAX_NUMBER
from sweep.study.metric import ACCURACY, Metric
from sweep.study.part import STORED, Count, Part
from sweep.util.nearest import did_you_mean

RENDERED_PETS = "rendered-pets"


DOGS_VS_CATS = "dogs-vs-cats"


class Pictures(Part):
    """Which pictures, how many, and how they are split.

    Attributes:
        dataset: what the pictures are: ``dogs-vs-cats``, ``rendered-pets``, or a name of your own.
        limit: at most so many pictures, equally many of each class; None takes all.
        validation_share: the share kept for validation, in (0, 1). With a given split it only says
            how a limit is shared out.
        classes: the classes to take, by the names of their folders; None takes all that there are.
        split: ``by-seed`` lets each seed draw its own parts from all pictures, the same for every
            optimizer and point, so that intervals over seeds cover the choice of pictures too
            (Bouthillier et al. 2021, arXiv 2103.03098); ``own`` parts them once, by their content;
            ``given`` keeps the parts that the folder has: ``train`` and ``validation`` (or ``test``
            where there is no validation).
        twins: what becomes of the same picture in files of different bytes: ``together`` keeps them
            on one side of the split, ``apart`` lets them fall as version 0.1 did.
        orientation: whether the EXIF orientation of a picture is ``applied`` or ``ignored``.
        flips: whether a head trains on mirror images too: of each training picture and epoch the
            seed draws whether it sees the picture or its mirror image, the same for every optimizer
            and point. Validation sees pictures as they are. (``Inputs.flip`` is that of a network.)
    """

    dataset: Annotated[str, Field(min_length=1)] = DOGS_VS_CATS
    limit: Annotated[int, Field(ge=10, le=MAX_NUMBER)] | None = 2500
    validation_share: Annotated[float, Field(gt=0, lt=1)] = 0.2
    classes: Annotated[tuple[str, ...], Field(min_length=2)] | None = None
    split: Literal["by-seed", "own", "given"] = "by-seed"
    twins: Literal["together", "apart"] = "together"
    orientation: Literal["ignored", "applied"] = "ignored"
    flips: bool = False

    @model_validator(mode="before")
    @classmethod
    def _as_stored(cls, given: Any, info: ValidationInfo) -> Any:
        """A definition of version 0.1 knew no twins, which fell apart, and one split."""
        if info.context == STORED and isinstance(given, dict):
            return {"twins": "apart", "split": "own"} | given
        return given

    @field_validator("classes")
    @classmethod
    def _classes_once(cls, classes: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if classes is None:
            return None
        if len({name.casefold() for name in classes}) < len(classes):
            raise ValueError(f"a class is repeated in {', '.join(classes)}; each class once")
        return tuple(sorted(classes))  # in whatever order they are named, it is the same study

    @property
    def flips_words(self) -> str:
        """What becomes of mirror images, for people; empty where there are none."""
        if not self.flips:
            return ""
        return "each epoch trains on a picture or its mirror image, as the seed draws it"

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """``flips`` are dumped only where they are, so that older versions read the rest."""
        said: dict[str, Any] = dump(self)
        return {name: value for name, value in said.items() if name != "flips" or value}


KEPT_AS_BEGUN = frozenset({"split", "twins"})
"""Fields of ``Pictures`` whose default has changed: a stored study keeps the one it was begun with.

``extension.as_begun`` sees to it.
"""


Products = Literal["float32", "bfloat16"]
"""What matrix products take and give."""

AUTO = "auto"
"""The precision that is decided when a study is begun."""


class Model(Part):
    """The frozen backbone and the head that is trained on its features.

    Attributes:
        backbone: a network of ``keras.applications`` by its name in small letters, such as
            ``vgg16``, ``resnet50`` or ``efficientnetv2b0``, with its own preprocessing; or
            ``small`` (three random convolutions, for small pictures).
        weights: the backbone's: ``imagenet``, ``random``, or ``file`` where ``--weights`` names
            one (its content enters the fingerprint, its path does not).
        image_size: height and width in pixels that pictures are resized to; by default those that
            the backbone's ImageNet weights were made with.
        hidden_units: width of the head's hidden layer.
        precision: of the backbone's arithmetic, by the names of Keras' policies: ``float32``, or
            ``mixed_bfloat16``, in which weights stay float32. ``auto`` is what the stored study
            has; else ``mixed_bfloat16`` for those of Keras where the machine that begins the study
            computes in it natively, and ``float32`` elsewhere and for ``small``, whose features
            take seconds. ``tasks.precision`` decides it before anything is planned or stored.
        head_products: what the matrix products of the head's first layer, forward and backward,
            take and give: ``float32``, or ``bfloat16``, the faster where it is native. Weights,
            gradients, moments and updates are float32 in both. It is not the default, since at
            high learning rates it moves a trial as much as another seed does.
    """

    backbone: str = "vgg16"
    weights: Literal["imagenet", "random", "file"] = "imagenet"
    image_size: Annotated[int, Field(ge=32, le=1024)] = 224
    hidden_units: Count = 256
    precision: Literal["float32", "mixed_bfloat16", "auto"] = AUTO
    head_products: Products = "float32"

    @model_validator(mode="before")
    @classmethod
    def _as_stored(cls, given: Any, info: ValidationInfo) -> Any:
        """What a definition says nothing of is as it was when there was no choice."""
        if info.context == STORED and isinstance(given, dict):
            return {"precision": "float32"} | given
        return given

    @model_validator(mode="before")
    @classmethod
    def _own_image_size(cls, given: Any) -> Any:
        known = isinstance(given, dict) and BACKBONES.get(str(given.get("backbone")))
        return {"image_size": known.image_size} | given if known else given

    @field_validator("backbone")
    @classmethod
    def _known(cls, backbone: str) -> str:
        if backbone not in NAMES:
            raise ValueError(
                f"no backbone {backbone!r}{did_you_mean(backbone, NAMES)} (known: "
                f"{', '.join(NAMES)})"
            )
        return backbone

    @model_validator(mode="after")
    def _pictures_are_large_enough(self) -> Self:
        least = BACKBONES[self.backbone].least if self.backbone in BACKBONES else 32
        if self.image_size < least:
            raise ValueError(f"{self.backbone} takes pictures of {least} pixels or more")
        return self

    @model_validator(mode="after")
    def _weights_exist(self) -> Self:
        if self.backbone == SMALL and self.weights != "random":
            raise ValueError(
                f"no {self.weights} weights of the small backbone; say weights='random'"
            )
        return self

    @property
    def precision_words(self) -> str:
        """What the features are computed in, for people; weights are in float32 in any case."""
        return self.precision.removeprefix("mixed_")


class Imported(Part):
    """What is known of results that were made elsewhere, by another program.

    A study that has this part cannot be trained: of its optimizers the labels are known, of its
    pictures and its model nothing.

    Attributes:
        results: what titles call them, e.g. ``imported results`` or ``CIFAR-10``.
        figures: which figures of an epoch are known, by the names that ``EpochRecord`` has.
        has_epochs: whether there are several epochs of a trial; else its end alone is known, and
            stands as epoch 1.
        guessing: the metric where nothing is learned; None where it is not known.
        metric: what the trials are judged by.
    """

    results: Annotated[str, Field(min_length=1, max_length=120)] = "imported results"
    figures: tuple[str, ...]
    has_epochs: bool
    guessing: float | None = None
    metric: Metric = ACCURACY

    @model_validator(mode="after")
    def _guessing_is_of_metric(self) -> Self:
        if self.metric.is_share and self.guessing is not None and not 0 < self.guessing < 1:
            raise ValueError(f"guessing={self.guessing:g} is no share above 0 and below 1")
        return self

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Accuracy is left out, so that older versions read the rest."""
        said: dict[str, Any] = dump(self)
        if self.metric == ACCURACY:
            del said["metric"]
        return said
