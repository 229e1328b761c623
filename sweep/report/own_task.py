"""What a study trains that is no head on frozen features: terms, and what is known of them."""

from collections.abc import Iterator

from sweep.study.networks import Inputs, Network
from sweep.study.programs import Command, Function
from sweep.study.study import Own

Term = tuple[str, str]


def own_words(task: Own, swept: str) -> str:
    """What a trial trains and what a seed fixes, for the method: sentences.

    Args:
        task: the study's.
        swept: the swept hyperparameters.
    """
    every = f"for every optimizer and every {swept}"
    match task:
        case Network():
            return (
                "Every trial trains a network with all its weights. A seed fixes its first weights "
                f"and the order of the examples, the same {every}: comparisons are paired."
            )
        case Function():
            what = "Every trial is a call of the study's own training function"
        case Command():
            what = "Every trial is a run of the study's own program"
    return (
        f"{what}, in a process of its own. It is given the seed; what that fixes is known to it "
        "alone. Comparisons are paired by seed, as if it fixed the same first weights and the same "
        f"order of the examples {every}."
    )


def own_task_terms(task: Own) -> Iterator[Term]:
    """Of a network, a training function or a command."""
    match task:
        case Network():
            yield from _network_terms(task)
        case Function():
            yield "Training function", task.function
        case Command():
            yield "Command of a trial", task.command
    unit = "a share of 1" if task.metric.is_share else task.metric.unit or "a plain number"
    better = "more" if task.metric.direction == "maximize" else "less"
    yield "Metric", f"{task.metric.name}, {unit}; {better} is better"


def _network_terms(network: Network) -> Iterator[Term]:
    start = f", from {network.weights} weights" if network.weights else ""
    yield "Model", f"{network.model}, all weights trained{start}, in {network.precision}"
    yield "Data", network.data
    yield "Loss", network.loss or "cross-entropy"
    if network.measure:
        yield "Measured by", network.measure
    if said := "; ".join(_inputs_words(network.inputs)):
        yield "Inputs", said
    if network.callback:
        yield "Callback", network.callback


def _inputs_words(inputs: Inputs) -> Iterator[str]:
    if inputs.crop:
        yield f"padded by {inputs.crop} and cropped at random places in training"
    if inputs.flip:
        yield "mirrored at random in training"
    if inputs.scale != 1:
        yield f"multiplied by {inputs.scale:.6g}"
    if inputs.mean:
        numbers = (" ".join(f"{it:g}" for it in each) for each in (inputs.mean, inputs.deviation))
        yield "normalized by means {} and deviations {}".format(*numbers)
