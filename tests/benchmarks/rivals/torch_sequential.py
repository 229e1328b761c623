"""PyTorch, one learning rate after another: ``Adam(fused=True)``, or ``RAdam``.

The features are converted to float32 once and kept so. ``RAdam`` has no fused form; it is asked for
``foreach=True``, which is not the default on a processor but takes half the time or less. ε is
Keras' 1e-7; PyTorch adds it after the correction of the second moment's bias in Adam and before it
in RAdam, as Keras does not: too little to be seen here. Denormal numbers are flushed to zero, as
TensorFlow does. Runs on a GPU where PyTorch sees one.
"""

from typing import Any

from tests.benchmarks.job import Made
from tests.benchmarks.rivals.timing import Epochs, Training, main

EPSILON = 1e-7


def train(made: Made) -> list[Training]:
    """One loop a learning rate."""
    features_NF, labels_N = prepared(made)
    return [train_one(made, rate, features_NF, labels_N) for rate in made.job.learning_rates]


def prepared(made: Made) -> tuple[Any, Any]:
    """Features and labels in float32, on the accelerator where PyTorch sees one."""
    import torch

    torch.set_flush_denormal(True)
    if device() == "cuda":
        torch.set_float32_matmul_precision("high")  # as JAX has it there by default
    features_NF = torch.from_numpy(made.features_NF.astype("float32"))
    return features_NF.to(device()), torch.from_numpy(made.labels_N.astype("float32")).to(device())


def device() -> str:
    """``cuda`` where there is one, else ``cpu``."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def train_one(made: Made, learning_rate: float, features_NF: Any, labels_N: Any) -> Training:
    """One trial."""
    import torch

    job, count = made.job, made.job.train_count
    model, loss_of = new_model(made), torch.nn.BCEWithLogitsLoss()
    optimizer = new_optimizer(job.optimizer, model.parameters(), learning_rate)
    watch, loss, accuracy = Epochs(), 0.0, 0.0
    for order_N in torch.from_numpy(made.order_EN).to(device()):
        for rows_B in order_N.split(job.batch_size):
            optimizer.zero_grad()
            loss_of(model(features_NF[rows_B])[:, 0], labels_N[rows_B]).backward()
            optimizer.step()
        with torch.no_grad():
            logits = model(features_NF[count:])[:, 0]
            loss = loss_of(logits, labels_N[count:]).item()
            accuracy = ((logits > 0) == (labels_N[count:] > 0)).double().mean().item()
        watch.ended()
    return watch.training([loss], [accuracy])


def new_model(made: Made) -> Any:
    """The head with the job's initial weights; ``torch.nn.Linear`` has kernels transposed."""
    import torch

    model = torch.nn.Sequential(
        torch.nn.Linear(made.job.features, made.job.hidden_units),
        torch.nn.ReLU(),
        torch.nn.Linear(made.job.hidden_units, 1),
    )
    with torch.no_grad():
        for parameter, values in zip(model.parameters(), made.weights, strict=True):
            parameter.copy_(torch.from_numpy(values.T))
    return model.to(device())


def new_optimizer(name: str, parameters: Any, learning_rate: float) -> Any:
    """Adam or RAdam of one trial."""
    import torch

    if name == "radam":
        return torch.optim.RAdam(parameters, learning_rate, eps=EPSILON, foreach=True)
    return torch.optim.Adam(parameters, learning_rate, eps=EPSILON, fused=True)


if __name__ == "__main__":
    main(train)
