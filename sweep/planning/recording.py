"""At which steps of a training gradients are recorded. Pure.

In the flow: ``training`` asks for them. Where a study does not choose them, there are so few that
they take less than 5 % of a training's time: measured, a record takes as long as half a step of a
head on VGG16's features, as one on rendered pets (4,608 features), and as two and a half on digits
(64).
"""

from collections.abc import Iterable, Iterator
from itertools import count

STEPS_A_RECORD = 25
"""At most one record for so many steps."""
STEPS_A_RECORD_OF_FEW = 50
"""The same where there are fewer weights than ``FEW_WEIGHTS``."""
FEW_WEIGHTS = 500_000
"""Of a trial."""


def recorded_steps(
    total: int, smaller_every: int | None = None, weights: float = FEW_WEIGHTS
) -> tuple[int, ...]:
    """The steps, from 1, whose gradients are recorded: 1, 5, 10, 25, 50, 100, …, and the last.

    In a short training there are fewer, spread over the same series; in one of less than
    ``STEPS_A_RECORD`` steps there is none, and where there are few weights, in one of less than
    ``STEPS_A_RECORD_OF_FEW``. Gradients of smaller batches are larger by chance, so in the place of
    such a step there is the one before.

    Args:
        total: steps of the training.
        smaller_every: steps of an epoch, where its last batch is smaller; None where it is not.
        weights: of a trial.

    Example:
        >>> recorded_steps(320), recorded_steps(100), recorded_steps(30), recorded_steps(20)
        ((1, 5, 10, 25, 50, 100, 250, 320), (1, 10, 25, 100), (30,), ())
        >>> recorded_steps(320, smaller_every=32)[-1]
        319
    """
    wanted = sorted({_full(step, smaller_every) for step in (*_series(total), total)})
    apart = STEPS_A_RECORD if weights >= FEW_WEIGHTS else STEPS_A_RECORD_OF_FEW
    allowed = min(total // apart, len(wanted))
    if allowed < 2:
        return tuple(wanted[-1:] * allowed)
    places = (round(n * (len(wanted) - 1) / (allowed - 1)) for n in range(allowed))
    return tuple(wanted[place] for place in places)


def chosen_steps(
    chosen: Iterable[int], total: int, smaller_every: int | None = None
) -> tuple[int, ...]:
    """The steps, from 1, whose gradients are recorded where a study says which: all that there are.

    Args:
        chosen: of the study.
        total, smaller_every: as in ``recorded_steps``.

    Example:
        >>> chosen_steps((1, 5, 32, 1000), total=320, smaller_every=32)
        (1, 5, 31)
    """
    return tuple(sorted({_full(step, smaller_every) for step in chosen if step <= total}))


def _full(step: int, smaller_every: int | None) -> int:
    """The step, or the one before where its batch is smaller; step 1 has nothing before it."""
    is_smaller = smaller_every is not None and step % smaller_every == 0
    return step - 1 if is_smaller and step > 1 else step


def _series(below: int) -> Iterator[int]:
    """1, 5, 10, 25, 50, 100, 250, …, as far as they are below."""
    yield from (step for step in (1, 5) if step < below)
    for power in count(1):
        for factor in (1, 2.5, 5):
            step = round(factor * 10**power)
            if step >= below:
                return
            yield step
