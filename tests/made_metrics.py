"""Made-up results of studies with a metric of their own; nothing here was trained."""

from collections.abc import Callable
from dataclasses import replace

from made_results import made_results, made_study

from sweep.results.records import EpochRecord, TrialRecord
from sweep.results.results import Results
from sweep.study.metric import Metric
from sweep.study.programs import Function
from sweep.study.study import Study

ERROR = Metric(
    name="mean absolute error", unit="kWh", direction="minimize", near=0.05, guessing=1.2
)


def own_study(metric: Metric = ERROR, **changes) -> Study:
    """The made study, with a training function of the user's and this metric."""
    return made_study().replace(task=Function("energy:train", metric=metric), **changes)


def own_results(
    study: Study | None = None,
    value: Callable[[float], float] = lambda accuracy: 2.4 * (1 - accuracy),
    *,
    reports: tuple[str, ...] = ("train_loss", "valid_accuracy"),
    has_start: bool = True,
    **made,
) -> Results:
    """The made results as a training function would have reported them, with no data set.

    Args:
        study: with a metric of its own.
        value: what becomes of the made accuracies.
        reports: the figures that it reports; the others are not known.
        has_start: whether it reports anything before training.
        made: as for ``made_results``.
    """
    study = study or own_study()
    # As of heads, which train together: the made numbers do not depend on what is trained.
    found = made_results(study.replace(task=None, margin=0.01), **made)
    (run,) = found.runs
    provenance = replace(run.provenance, pictures=None, weights=None)
    return replace(
        found,
        study=study,
        runs=(replace(run, provenance=provenance),),
        trials=tuple(_own(trial, value, reports, has_start=has_start) for trial in found.trials),
        cohorts=tuple(
            replace(cohort, memory_bytes=None, multiplier_PK=None) for cohort in found.cohorts
        ),
        gradients=(),
    )


def _own(
    trial: TrialRecord, value: Callable[[float], float], reports: tuple[str, ...], *, has_start
) -> TrialRecord:
    epochs = [_epoch(epoch, value, reports) for epoch in trial.epochs if has_start or epoch.epoch]
    return replace(trial, epochs=tuple(epochs))


def _epoch(
    epoch: EpochRecord, value: Callable[[float], float], reports: tuple[str, ...]
) -> EpochRecord:
    turned = epoch._replace(
        train_accuracy=value(epoch.train_accuracy), valid_accuracy=value(epoch.valid_accuracy)
    )
    unknown = {name for name in EpochRecord._fields if name != "epoch"} - {*reports}
    return turned._replace(**dict.fromkeys(unknown, float("nan")))
