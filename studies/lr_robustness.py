"""How much does an optimizer's result depend on a learning rate that nobody tuned?"""

from sweep.study import Study, log_spaced

study = Study(
    name="lr-robustness",
    question=(
        "How much does the accuracy of Adam, Adam with warm-up and RAdam on Dogs vs. Cats "
        "depend on the learning rate, from 0.003 to 0.1?"
    ),
    optimizers=("radam", "adam", "adam-warmup"),
    learning_rates=log_spaced(0.003, 0.1, 7),
    seeds=5,
    epochs=10,
    batch_size=64,
)
