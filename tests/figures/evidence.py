"""Shortcuts from made-up results to what figures are drawn from."""

from made_results import made_results

from sweep.analysis.evidence import gather
from sweep.figures import Evidence


def made_evidence(*args, **kwargs) -> Evidence:
    return gather(made_results(*args, **kwargs))


def traces_of(figure, label: str, **properties) -> list:
    """The traces of an optimizer with these properties."""
    return [
        trace
        for trace in figure.data
        if trace.legendgroup == label
        and all(getattr(trace, name) == value for name, value in properties.items())
    ]
