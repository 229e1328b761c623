"""Definitions of programs: what is refused when a study is built."""

import pytest
from executors.programs import study_of
from pydantic import ValidationError

from sweep.errors import StudyError
from sweep.study.axis import Axis
from sweep.study.extension import differences
from sweep.study.optimizer import Optimizer
from sweep.study.programs import Command, Function
from sweep.study.schedules import Warmup
from sweep.study.study import Study
from sweep.study.variation import vary

TWO = [Optimizer(label=label, algorithm="sgd") for label in ("a", "b")]
WARM = [Optimizer(label="w", algorithm="sgd", warmup=Warmup(share=0.1))]


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("train {learning_rat}", "did you mean learning_rate"),
        ("train {lr}", "no value is called {lr} (known: learning_rate, seed"),
        ("train ${HOME}", "no value is called {HOME}"),
        ("train 'open", "cannot be cut into words"),
        (" ", "there is no program"),
    ],
)
def test_a_command_that_cannot_be_filled_in(command, wrong):
    with pytest.raises(ValidationError) as caught:
        Command(command)
    assert wrong in str(caught.value)


@pytest.mark.parametrize(
    ("command", "parts", "wrong"),
    [
        ("train {seed}", {}, "does not take {learning_rate}, which is swept"),
        ("train {learning_rate}", {"seeds": 2}, "does not take {seed}, of which there are 2"),
        ("train {learning_rate}", {"optimizers": TWO}, "does not take {optimizer}"),
        (
            "train {learning_rate} {warmup.steps}",
            {"optimizers": WARM},
            "w has its warm-up's length as {warmup.share}",
        ),
    ],
)
def test_a_command_that_would_train_different_trials_in_the_same_way(command, parts, wrong):
    with pytest.raises(ValidationError) as caught:
        study_of(Command(command), **parts)
    assert wrong in str(caught.value)


@pytest.mark.parametrize("command", ["train {config}", "train {learning_rate} {seed} {optimizer}"])
def test_a_command_that_takes_all(command):
    study_of(Command(command), optimizers=TWO, seeds=2)


def test_own_hyperparameters_are_for_programs():
    own = Axis(name="own.dropout", values=(0, 0.5))
    assert own.words == "dropout"
    study_of(Function("mine:train"), axes=[own], learning_rates=[0.1])
    with pytest.raises(ValidationError, match="for a training function or program"):
        Study(name="a", question="?", optimizers=["sgd"], axes=[own], base={"learning_rate": 1},
              seeds=1)  # fmt: skip


@pytest.mark.parametrize(
    "change", [{"limit": 10}, {"precision": "float32"}, {"base": {"hidden_units": 3}}]
)
def test_what_is_for_pictures_and_heads_has_no_effect(change):
    with pytest.raises(StudyError, match="no effect on programs"):
        vary(study_of(Function("mine:train")), change)


def test_a_definition_comes_back_as_it_was():
    study = study_of(Command("train {learning_rate}", files=("a.csv",), minutes=2))
    assert Study.stored(study.model_dump(mode="json")) == study


def test_how_long_a_trial_may_take_may_change_and_the_command_may_not():
    study = study_of(Command("train {learning_rate}", minutes=2))
    longer = study.replace(task=Command("train {learning_rate}", minutes=20))
    other = study.replace(task=Command("train -x {learning_rate}", minutes=2))
    assert [*differences(study, "k", longer, "k")] == []
    (said,) = differences(study, "k", other, "k")
    assert said.startswith("task.command: stored")
