"""Plans of studies, and cohorts made by hand."""

from collections.abc import Collection, Sequence

from sweep.designs.grid import grid
from sweep.planning.cohorts import Cohort, plan_cohorts
from sweep.planning.trials import Trial, plan_trials
from sweep.study.axis import Point
from sweep.study.optimizer import Optimizer
from sweep.study.study import Study
from sweep.study.training_config import TrainingConfig


def trials_of(study: Study, key: str = "k") -> tuple[Trial, ...]:
    """Every trial of a study's grid."""
    return plan_trials(study, grid(study), key)


def cohorts_of(
    study: Study, key: str = "k", finished: Collection[str] = (), max_trials: int | None = None
) -> tuple[Cohort, ...]:
    """The cohorts of a study's grid."""
    return plan_cohorts(trials_of(study, key), finished, max_trials)


def made_cohort(
    optimizer: Optimizer,
    rates: Sequence[float],
    *,
    seed: int = 0,
    epochs: int = 1,
    batch_size: int = 64,
    hidden_units: int = 16,
) -> Cohort:
    """A cohort of these learning rates."""
    return Cohort(
        tuple(
            Trial(
                optimizer.label,
                Point.of({"learning_rate": rate}),
                seed,
                TrainingConfig(optimizer, rate, epochs, batch_size, hidden_units),
                f"f{rate}",
            )
            for rate in rates
        )
    )


def rates_of(cohort: Cohort) -> tuple[float, ...]:
    """The learning rates of a cohort's trials."""
    return tuple(trial.config.learning_rate for trial in cohort.trials)
