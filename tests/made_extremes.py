"""Made-up studies at the ends of what can happen: all fail, one of three fails, all are perfect."""

from collections.abc import Callable
from dataclasses import replace

from made_results import made_results, made_study

from sweep.results.records import EpochRecord
from sweep.results.results import Results

FAILING, PERFECT = 0.5, 1.0
"""Accuracy of a trial that always answers with one of two classes, and of one without an error."""


def all_fail() -> Results:
    """Three optimizers; some trials diverge at once, all others stay at guessing."""
    results = made_results(diverge_above=0.05)
    return _with(results, lambda epoch: epoch._replace(valid_accuracy=FAILING, train_loss=0.7))


def one_fails(label: str = "radam") -> Results:
    """Three optimizers, of which one diverges in every trial."""
    results = made_results(diverge_above=1.0)
    trials = tuple(
        replace(trial, diverged_at_epoch=1, epochs=trial.epochs[:2])
        if trial.optimizer == label
        else trial
        for trial in results.trials
    )
    return replace(results, trials=trials)


def all_perfect() -> Results:
    """Three optimizers that make no error after the first epoch, at any seed."""
    return _with(
        made_results(made_study(seeds=3), diverge_above=1.0),
        lambda epoch: epoch._replace(
            valid_accuracy=PERFECT if epoch.epoch else FAILING,
            train_loss=0.01 if epoch.epoch else 0.7,
        ),
    )


def _with(results: Results, change: Callable[[EpochRecord], EpochRecord]) -> Results:
    trials = tuple(
        replace(trial, epochs=tuple(change(epoch) for epoch in trial.epochs))
        for trial in results.trials
    )
    return replace(results, trials=trials)
