"""What a program of a user's own is told, what it is known by, and what is refused beforehand."""

import json
import math
from pathlib import Path

import pytest
from executors.programs import COMMAND, FUNCTION, WORDS, study_of, task_of, trials_of
from pydantic import ValidationError

from sweep.errors import StudyError, UsageError
from sweep.optimizers.multipliers import multipliers
from sweep.study.axis import Axis
from sweep.study.lookahead import Lookahead
from sweep.study.metric import Metric
from sweep.study.optimizer import Optimizer
from sweep.study.programs import Command, Function
from sweep.study.schedules import (
    Constant,
    CosineDecay,
    LinearDecay,
    OneCycle,
    StepDecay,
    UntunedWarmup,
    Warmup,
)
from sweep.tasks.programs import filled_in, resolve
from sweep.tasks.task import Places

ADAM = Optimizer(label="Adam 2", algorithm="adam", settings={"beta_1": 0.8}, warmup=Warmup(steps=9))
OWN = Axis(name="own.layers", values=(1, 2, 2.5))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(FUNCTION)
    (tmp_path / "train.py").write_text(COMMAND)
    return tmp_path


def configs_of(program, **parts):
    task = task_of(program, **parts)
    return [task.config(trial) for trial in trials_of(task)]


def test_a_program_is_told_all_that_it_trains_with():
    first, *_ = configs_of(Function("mine:train"), optimizers=[ADAM], seeds=[7], batch_size=8)
    assert (first.optimizer, first.algorithm, first.learning_rate) == ("Adam 2", "adam", 0.5)
    assert first.settings["beta_1"] == 0.8
    assert first.settings["beta_2"] == 0.999  # a default is told too
    assert first.point == {"learning_rate": 0.5}
    assert (first.seed, first.epochs, first.batch_size) == (7, 2, 8)
    assert (first.warmup_steps, first.warmup_share, first.warmup_length(100)) == (9, None, 9)


def test_a_warmup_as_a_share_and_none():
    share = Optimizer(label="w", algorithm="adam", warmup=Warmup(share=0.25))
    plain = Optimizer(label="p", algorithm="adam")
    with_share, without = configs_of(Function("mine:train"), optimizers=[share, plain])
    assert (with_share.warmup_steps, with_share.warmup_length(100)) == (None, 25)
    assert without.warmup_length(100) == 0


ALL = Optimizer(
    label="all",
    algorithm="adam",
    warmup=Warmup(steps=2, start=0.1),
    schedule=StepDecay(factor=0.1, epochs=(1,)),
    lookahead=Lookahead(steps=3),
)


def test_all_that_defines_the_optimizer_is_told():
    (config,) = configs_of(Function("mine:train"), optimizers=[ALL])
    assert config.warmup == {"steps": 2, "share": 0.1, "start": 0.1}
    assert config.schedule == {"kind": "step", "factor": 0.1, "epochs": [1]}
    assert config.lookahead == {"steps": 3, "alpha": 0.5}
    assert config.learning_rates(3) == pytest.approx([0.3, 0.5, 0.5, 0.05, 0.05, 0.05])


def test_what_an_optimizer_has_not_is_told_as_none():
    plain = Optimizer(label="p", algorithm="torch.optim:Adam", schedule=Constant())
    (config,) = configs_of(Function("mine:train"), optimizers=[plain])
    assert (config.warmup, config.schedule, config.lookahead) == (None, None, None)
    assert config.learning_rates(2) == [0.5] * 4


def test_the_shape_of_an_untuned_warmup_is_told():
    untuned = Optimizer(label="u", algorithm="adam", warmup=UntunedWarmup(shape="exponential"))
    (config,) = configs_of(Function("mine:train"), optimizers=[untuned])
    assert config.warmup == {"kind": "untuned", "shape": "exponential"}
    expected = [0.5 * -math.expm1(-t * (1 - 0.999)) for t in (1, 2)]
    assert config.learning_rates(1) == pytest.approx(expected)


@pytest.mark.parametrize("schedule", [CosineDecay(last=0.1), LinearDecay(), OneCycle()], ids=str)
def test_learning_rates_are_those_that_networks_are_trained_with(schedule):
    decaying = Optimizer(label="d", algorithm="sgd", warmup=Warmup(steps=3), schedule=schedule)
    (config,) = configs_of(Function("mine:train"), optimizers=[decaying], learning_rates=[0.2])
    (factor_K,) = multipliers([decaying], 2 * 5, 5)
    # Training computes in float32, which has 24 bits.
    assert config.learning_rates(5) == pytest.approx(0.2 * factor_K, rel=1e-6)


def test_a_schedule_that_is_told_leaves_fingerprints_as_they_were():
    """Of a trial of sweep 1.0; what a program is told besides is no definition."""
    task = task_of(Function("mine:train"), optimizers=[ALL])
    (trial,) = trials_of(task)
    assert trial.config.definition()["optimizer"] == {
        "algorithm": "adam",
        "warmup": {"steps": 2, "start": 0.1},
        "schedule": {"factor": 0.1, "epochs": [1]},
        "lookahead": {"steps": 3, "alpha": 0.5},
    }


def test_an_own_hyperparameter_is_an_axis():
    found = configs_of(
        Function("mine:train"), axes=[OWN], learning_rates=[0.1], base={"own.depth": 3}
    )
    assert [config.own["layers"] for config in found] == [1, 2, 2.5]
    assert isinstance(found[0].own["layers"], int)
    assert found[0].own["depth"] == 3


def test_what_an_optimizer_does_not_follow_is_not_told():
    fixed = ADAM.model_copy(update={"fixed": ("learning_rate",), "learning_rate": 0.01})
    both = [fixed, Optimizer(label="sgd", algorithm="sgd")]
    first, *_ = configs_of(Function("mine:train"), optimizers=both, learning_rates=[0.5, 1])
    assert first.learning_rate == 0.01
    assert first.point == {}


def test_trials_of_other_labels_points_and_seeds_are_other_trials():
    """A program sees the label, so optimizers that are the same by their settings are two."""
    sgd = [Optimizer(label=label, algorithm="sgd") for label in ("a", "b")]
    task = task_of(Function("mine:train"), optimizers=sgd, axes=[OWN], learning_rates=[1], seeds=2)
    trials = trials_of(task)
    assert len({trial.fingerprint for trial in trials}) == len(trials) == 12


def test_the_key_is_of_the_program_and_its_files_alone(folder):
    key = task_of(Function("mine:train")).key
    metric = Metric(name="score", unit="points", near=1)
    assert task_of(Function("mine:train", minutes=3, metric=metric)).key == key
    (folder / "mine.py").write_text(FUNCTION + "# edited\n")
    assert task_of(Function("mine:train")).key != key


@pytest.mark.parametrize("edited", ["train.py", "steps.py", "data.csv", "more.txt"])
def test_files_that_a_command_names_or_imports_are_its_code(folder, edited):
    (folder / "train.py").write_text("from steps import x\n")
    for name in ("steps.py", "data.csv", "more.txt"):
        (folder / name).write_text("x = 1\n")
    command = Command("python train.py data.csv {learning_rate} no-file", files=("more.txt",))
    before = task_of(command)
    assert {*before.code} == {"train.py", "steps.py", "data.csv", "more.txt"}
    (folder / edited).write_text("x = 2\n")
    assert task_of(command).key != before.key


def test_modules_beside_a_script_are_found_first(folder):
    (folder / "scripts").mkdir()
    (folder / "scripts/run.py").write_text("import helper\n")
    (folder / "scripts/helper.py").write_text("x = 1\n")
    (folder / "helper.py").write_text("x = 2\n")
    code = task_of(Command("python scripts/run.py {learning_rate}")).code
    assert {*code} == {"scripts/run.py", "scripts/helper.py"}


def test_a_command_is_filled_in_word_by_word():
    program = Command(
        "train --lr={learning_rate} '{optimizer}' {optimizer.beta_1} {optimizer.weight_decay} "
        "{warmup.steps} {warmup.share} {seed}-{epochs} {batch_size} {own.layers} '{a: 1}'"
    )
    task = task_of(program, optimizers=[ADAM], axes=[OWN], learning_rates=[1e-5])
    words = filled_in(program, task.config(trials_of(task)[1]))
    assert words == [
        *("train", "--lr=1e-05", "Adam 2", "0.8", "0", "9", "0", "0-2", "64", "2", "{a: 1}"),
    ]


def test_a_command_takes_what_defines_the_optimizer():
    program = Command("x {learning_rate} --schedule '{schedule}' --around={lookahead} {warmup}")
    task = task_of(program, optimizers=[ALL])
    _, _, _, schedule, around, warmup = filled_in(program, task.config(trials_of(task)[0]))
    assert json.loads(schedule) == {"kind": "step", "factor": 0.1, "epochs": [1]}
    assert json.loads(around.removeprefix("--around=")) == {"steps": 3, "alpha": 0.5}
    assert json.loads(warmup)["start"] == 0.1
    plain = task_of(Command("train {learning_rate} {schedule} {lookahead}"))
    *_, schedule, around = filled_in(plain.program, plain.config(trials_of(plain)[0]))
    assert (schedule, around) == ("null", "null")


@pytest.mark.parametrize("name", ["schedule", "lookahead"])
def test_a_command_that_hears_nothing_of_it_is_refused(name):
    alone = Optimizer(label="alone", algorithm="sgd", **{name: getattr(ALL, name)})
    with pytest.raises(ValidationError, match=f"alone has a {name}, and the command takes neither"):
        study_of(Command("train {learning_rate} {seed}"), optimizers=[alone])
    for field in (name, "optimizer", "config"):
        study_of(Command(f"train {{learning_rate}} {{seed}} {{{field}}}"), optimizers=[alone])


def test_the_whole_configuration_as_json():
    program = Command("train {config}")
    task = task_of(program, optimizers=[ADAM])
    _, text = filled_in(program, task.config(trials_of(task)[0]))
    assert json.loads(text)["settings"]["beta_1"] == 0.8


@pytest.mark.parametrize(
    ("program", "wrong"),
    [
        (Function("mine:trian"), "no trian in mine.py; did you mean train"),
        (Function("nowhere:train"), "no module 'nowhere'"),
        (Command("python {learning_rate}", files=("no.csv",)), "no file no.csv"),
        (Command("x {learning_rate} {optimizer.rho}"), "mine has no value for {optimizer.rho}"),
    ],
)
def test_what_cannot_be_run_is_told_beforehand(program, wrong):
    with pytest.raises(StudyError) as caught:
        task_of(program)
    assert wrong in caught.value.wrong


@pytest.mark.parametrize("places", [("pictures", None), (None, "random")])
def test_data_and_weights_have_no_effect(places):
    study = study_of(Command(WORDS))
    with pytest.raises(UsageError, match="no effect on programs"):
        resolve(study, study.task, Places(*places, Path("cache")))
