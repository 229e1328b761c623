"""What a cohort's training trains: P members, one a trial, that take every step together.

``stacked_heads.Heads`` and others. In the flow: ``step`` and ``predictions`` compile what is
here; nothing here knows of optimizers, epochs or stores.

Legend: P trials, B batch, N examples, C classes.
"""

from typing import Any, NamedTuple, Protocol

import keras


class Batch(NamedTuple):
    """Examples, the first dimension of both; or parts of a batch.

    Attributes:
        inputs: of the members, in float32.
        labels_B: the examples' classes, 0 … C − 1, whole numbers.
    """

    inputs: Any
    labels_B: Any


class Trained(Protocol):
    """What an optimizer trains for P trials."""

    @property
    def variables(self) -> list[keras.Variable]:
        """What the Keras optimizer trains: all, or all but what has a kernel of its own."""
        ...

    @property
    def trial_count(self) -> int:
        """P."""
        ...


class Seeded(Trained, Protocol):
    """The same, with initial values that are drawn from a seed."""

    def reset(self, seed: int) -> None:
        """Give every member the initial values that are drawn from the seed."""
        ...


class Members(Seeded, Protocol):
    """The models of P trials, in variables shaped (…, P, x) that a compiled step updates.

    A member's numbers depend on its own variables alone: what happens to one, a NaN included,
    leaves the others as they are, to the last bit.
    """

    def loss(self, batch: Batch) -> tuple[Any, Any]:
        """Each example's loss, and 1 where the member is right about it, else 0; both (B, P)."""
        ...

    def predict(self, inputs: Any) -> Any:
        """Logits of every member: (B, P) for two classes, (B, P, C) for more."""
        ...
