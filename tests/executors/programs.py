"""Training functions and programs of a user's own, as tests write them, and their trials."""

from pathlib import Path

from sweep.designs.grid import grid
from sweep.executors.processes import train_in_processes
from sweep.planning.cohorts import plan_cohorts
from sweep.planning.trials import plan_trials
from sweep.study.optimizer import Optimizer
from sweep.study.study import Study
from sweep.tasks.programs import ProgramTask, resolve
from sweep.tasks.task import Places

FUNCTION = """
import random
import numpy as np

def train(config, report):
    print("begins", config.optimizer)
    drawn = random.random() + np.random.random()
    for epoch in range(1, config.epochs + 1):
        report(epoch, train_loss=drawn, valid_metric=np.float32(config.learning_rate))
"""
"""Reports what it draws as its loss, and its learning rate as its metric."""

COMMAND = """
import json, sys

seed, rate, epochs = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
print("begins")
print(json.dumps({"epoch": 0, "train_loss": 9, "valid_metric": 0}))
for epoch in range(1, epochs + 1):
    print(json.dumps({"epoch": epoch, "train_loss": seed, "valid_metric": rate, "more": [1]}))
"""
WORDS = "python train.py {seed} {learning_rate} {epochs}"


def study_of(program, **parts) -> Study:
    """A study of one optimizer, learning rate and seed, unless it says otherwise."""
    usual = {
        "optimizers": [Optimizer(label="mine", algorithm="sgd")],
        "learning_rates": [0.5],
        "seeds": 1,
        "epochs": 2,
    }
    return Study(name="programs", question="Which?", task=program, **usual | parts)


def task_of(program, **parts) -> ProgramTask:
    study = study_of(program, **parts)
    return resolve(study, program, Places(None, None, Path("cache")))


def trials_of(task: ProgramTask):
    return plan_trials(task.study, grid(task.study), task.key)


def train(program, *, workers=None, retries=0, **parts):
    """The events of all its trials, one after another."""
    task = task_of(program, **parts)
    return train_in_processes(
        plan_cohorts(trials_of(task)),
        task=task,
        workers=workers,
        retries=retries,
        outputs=Path("outputs"),
    )
