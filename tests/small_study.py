"""A study of rendered pets that trains in a second or two."""

from sweep.study.study import Study
from sweep.study.tasks import Pictures

SMALL = Study(
    name="small",
    question="Does it run?",
    pictures=Pictures(limit=60),
    optimizers=("radam", "adam"),
    learning_rates=(0.003, 0.1),
    seeds=2,
    epochs=2,
    batch_size=16,
).on_rendered_pets()
