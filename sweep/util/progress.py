"""How long work reports how far it is, whoever shows it."""

from typing import Protocol


class Progress(Protocol):
    """Called as work goes on; cheap enough to be called for every item."""

    def __call__(self, task: str, done: int, total: int | None, unit: str) -> None:
        """``done`` of ``total`` (None: unknown) ``unit`` of ``task`` are ready.

        Args:
            task: a few words, the same for all calls of one piece of work, e.g. ``features``.
            done: so far, from 0; the last call has ``done == total``.
            total: in all, if known.
            unit: in the plural, e.g. ``pictures``, or ``bytes``.
        """


def silent(task: str, done: int, total: int | None, unit: str) -> None:
    """Show nothing."""
