"""In which precision a study's features are computed: decided once, before anything is planned.

In the flow: ``frozen_features`` asks it when it resolves a study. What is decided here enters the
features' key, every fingerprint and the stored definition, and stays, on whatever machine the
study goes on.
"""

from sweep.study.study import Study
from sweep.study.tasks import AUTO
from sweep.util.machine import Machine


def with_precision(study: Study, machine: Machine) -> Study:
    """The study with a precision of its features, where that is left to the machine.

    Args:
        study: by the defaults that the stored one was begun with.
        machine: that begins it.
    """
    model = study.model
    if model.precision != AUTO:
        return study
    is_large = model.backbone != "small"
    chosen = "mixed_bfloat16" if is_large and machine.computes_bfloat16 else "float32"
    return study.model_copy(update={"model": model.model_copy(update={"precision": chosen})})


def slow_in_words(study: Study, machine: Machine) -> str | None:
    """That features which are still to be computed take long here, and why; None if not so.

    Args:
        study: with its precision.
        machine: that is to compute them.
    """
    if study.model.precision == "float32" or machine.computes_bfloat16:
        return None
    return (
        f"{study.name} has its features in bfloat16, which this machine does not compute in "
        f"natively ({machine.backend}), so they take as long as in float32, or longer. With "
        "--precision float32 it is another study, which needs another --name once this is begun."
    )
