"""A Keras model that is trained end to end, as a study defines it."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from sweep.study.metric import ACCURACY, Metric
from sweep.study.part import IMPORT_PATH, Part
from sweep.util.nearest import did_you_mean

MODELS = ("mlp", "resnet20", "small-cnn", "vgg16", "vgg19")
"""The models that are built in."""
DATA = ("cifar-10", "digits", "pictures")
"""The data that is built in; ``pictures`` is what the study's ``pictures`` say."""


class Inputs(Part):
    """What becomes of an example's inputs before the model sees them, on the device.

    First they are cast to float32; then, in training alone, a picture is padded by zeros, cropped
    and flipped; then all are scaled, and each channel (the last dimension) is normalized.

    Attributes:
        crop: pixels that a training picture is padded by on each side before it is cropped to its
            size at a place that the seed draws, the same for every optimizer and point; 0 for none.
        flip: whether half of the training pictures, drawn as the place is, are mirrored.
        scale: every number is multiplied by it.
        mean, deviation: of each channel, taken off and divided by; empty for none.
    """

    crop: Annotated[int, Field(ge=0, le=1024)] = 0
    flip: bool = False
    scale: Annotated[float, Field(gt=0)] = 1.0
    mean: tuple[float, ...] = ()
    deviation: tuple[Annotated[float, Field(gt=0)], ...] = ()

    @model_validator(mode="after")
    def _channels_agree(self) -> Self:
        if len(self.mean) != len(self.deviation):
            raise ValueError("as many means as deviations, one of each a channel")
        return self

    @property
    def are_augmented(self) -> bool:
        """Whether training pictures are cropped or flipped."""
        return self.flip or self.crop > 0


class Network(Part):
    """A Keras model, trained end to end: all its weights.

    Attributes:
        model: one of ``MODELS``, or ``module:function`` of your own: ``function(seed)`` returns a
            new ``keras.Model`` whose initial weights are drawn from the seed. (Keras' own random
            numbers are seeded before it is called.)
        data: one of ``DATA``, or ``module:function`` of your own: ``function()`` returns
            ``(x_train, y_train), (x_valid, y_valid)``, each part two arrays, or a
            ``tf.data.Dataset`` or ``keras.utils.PyDataset`` of batches, which is read once.
        loss: a Keras loss by name (taken from logits where it can be), or ``module:name`` of your
            own, a function of targets and outputs or a ``keras.losses.Loss``; None for the
            cross-entropy that fits the classes.
        metric: what trials are judged by.
        measure: how: a Keras metric by name, or ``module:name`` of your own, a function that
            returns a new ``keras.metrics.Metric``; None for accuracy.
        inputs: what becomes of them before the model sees them.
        weights: of ``vgg16`` and ``vgg19``: ``imagenet``, ``random``, or ``file`` where
            ``--weights`` names one; None of all others.
        image_size: height and width in pixels that ``pictures`` are resized to.
        precision: Keras' policy, in which the model is built.
        callback: ``module:function`` of your own, which returns a new ``keras.callbacks.Callback``
            that may change ``self.model.optimizer.learning_rate`` at the begin or the end of an
            epoch. What it makes of the learning rate is recorded.
    """

    kind: Literal["network"] = "network"
    model: str
    data: str
    loss: str | None = None
    metric: Metric = ACCURACY
    measure: str | None = None
    inputs: Inputs = Inputs()
    weights: Literal["imagenet", "random", "file"] | None = None
    image_size: Annotated[int, Field(ge=8, le=1024)] = 32
    precision: Literal["float32", "mixed_bfloat16"] = "float32"
    callback: str | None = None

    @field_validator("model", "data")
    @classmethod
    def _known(cls, name: str, info: Any) -> str:
        known = MODELS if info.field_name == "model" else DATA
        if name not in known and not IMPORT_PATH.fullmatch(name):
            raise ValueError(
                f"no {info.field_name} {name!r}{did_you_mean(name, known)} (known: "
                f"{', '.join(known)}, and your own as module:function)"
            )
        return name

    @field_validator("callback")
    @classmethod
    def _is_path(cls, path: str | None) -> str | None:
        if path is not None and not IMPORT_PATH.fullmatch(path):
            raise ValueError(f"no callback {path!r}; name your own as module:function")
        return path

    @model_validator(mode="after")
    def _weights_fit(self) -> Self:
        has_weights = self.model in ("vgg16", "vgg19")
        if has_weights != (self.weights is not None):
            raise ValueError(
                f"{self.model} starts from weights='imagenet', 'random' or 'file'"
                if has_weights
                else f"no weights of {self.model} are known; leave weights out"
            )
        return self

    @property
    def own_paths(self) -> tuple[str, ...]:
        """All that is the user's own code, as ``module:name``."""
        named = (self.model, self.data, self.loss, self.measure, self.callback)
        return tuple(path for path in named if path and ":" in path)
