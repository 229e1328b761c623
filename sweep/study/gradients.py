"""Whether gradients are recorded, or at which steps, as a study says it."""

from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, Tag

from sweep.study.part import Count

MAX_STEPS = 1_000
"""Of which gradients are recorded: a bound for typing errors, and for the store."""


def _ascending(steps: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted({*steps}))


def _kind(given: Any) -> str:
    return "steps" if isinstance(given, list | tuple) else "whether"


Steps = Annotated[
    tuple[Count, ...], Field(min_length=1, max_length=MAX_STEPS), AfterValidator(_ascending)
]
"""Training steps from 1, ascending, each once."""

Gradients = Annotated[
    Annotated[bool, Tag("whether")] | Annotated[Steps, Tag("steps")], Discriminator(_kind)
]
"""Whether they are recorded at some steps, or at which."""
