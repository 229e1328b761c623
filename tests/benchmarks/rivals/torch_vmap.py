"""PyTorch, all learning rates at once: ``torch.func`` as its page on model ensembling has it.

``stack_module_state``, ``functional_call`` and ``vmap`` of ``grad``. PyTorch's optimizers take one
learning rate for a tensor, so each trial is a parameter group of views into the stacked tensors:
the gradients are computed at once, and the fused Adam (or RAdam) updates trial by trial in place.
The features are converted to float32 once and kept so.
"""

from typing import Any

from tests.benchmarks.job import Made
from tests.benchmarks.rivals.timing import Epochs, Training, main
from tests.benchmarks.rivals.torch_sequential import device, new_model, new_optimizer, prepared


def train(made: Made) -> list[Training]:
    """All learning rates at once."""
    import torch

    job, count = made.job, made.job.train_count
    features_NF, labels_N = prepared(made)
    gradients_of, evaluate = functions(made)
    stacked = stacked_weights(made)
    views = [[values[p] for values in stacked.values()] for p in range(len(job.learning_rates))]
    groups = [{"params": views[p], "lr": rate} for p, rate in enumerate(job.learning_rates)]
    optimizer = new_optimizer(job.optimizer, groups, 0.0)
    watch, loss_P, accuracy_P = Epochs(), features_NF[0], features_NF[0]
    for order_N in torch.from_numpy(made.order_EN).to(device()):
        for rows_B in order_N.split(job.batch_size):
            gradients = gradients_of(stacked, features_NF[rows_B], labels_N[rows_B])
            for p, parameters in enumerate(views):
                for parameter, gradient_P in zip(parameters, gradients.values(), strict=True):
                    parameter.grad = gradient_P[p]
            optimizer.step()
        loss_P, accuracy_P = evaluate(stacked, features_NF[count:], labels_N[count:])
        watch.ended()
    return [watch.training(loss_P.tolist(), accuracy_P.tolist())]


def stacked_weights(made: Made) -> dict[str, Any]:
    """The initial weights of every trial, by name, with an axis of P in front."""
    import torch

    weights, _ = torch.func.stack_module_state([new_model(made) for _ in made.job.learning_rates])
    return {name: values.detach() for name, values in weights.items()}


def functions(made: Made) -> tuple[Any, Any]:
    """Gradients of all trials, and their losses and accuracies."""
    import torch

    model = new_model(made).to("meta")
    loss_of_logits = torch.nn.functional.binary_cross_entropy_with_logits

    def logits_of(weights: Any, features_BF: Any) -> Any:
        return torch.func.functional_call(model, weights, (features_BF,))[:, 0]

    def loss(weights: Any, features_BF: Any, labels_B: Any) -> Any:
        return loss_of_logits(logits_of(weights, features_BF), labels_B)

    def evaluate(weights: Any, features_BF: Any, labels_B: Any) -> Any:
        logits_B = logits_of(weights, features_BF)
        right_B = (logits_B > 0) == (labels_B > 0)
        return loss_of_logits(logits_B, labels_B), right_B.double().mean()

    vmap, over = torch.func.vmap, (0, None, None)
    return vmap(torch.func.grad(loss), in_dims=over), vmap(evaluate, in_dims=over)


if __name__ == "__main__":
    main(train)
