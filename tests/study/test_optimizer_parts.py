"""What warm-ups, schedules and Lookahead are to a trial's definition, and to its cohort."""

import json

import pytest
from pydantic import ValidationError

from sweep.study import (
    Constant,
    CosineDecay,
    LinearDecay,
    Lookahead,
    OneCycle,
    Optimizer,
    OwnSchedule,
    ReduceOnPlateau,
    StepDecay,
    Study,
    UntunedWarmup,
    Warmup,
)
from sweep.study.fingerprint import fingerprint
from sweep.study.optimizer import BUILT_IN_OPTIMIZERS
from sweep.study.own_code import codes_of
from sweep.study.training_config import TrainingConfig

SCHEDULES = (
    StepDecay(factor=0.1, epochs=(2, 3)),
    CosineDecay(),
    LinearDecay(last=0.1),
    OneCycle(),
    ReduceOnPlateau(patience=2),
    OwnSchedule(path="my_module:mine", settings={"to": 0.5}),
)
GOLDEN = {
    "adam": "d14726efe301d6c95f542e4c91c97a5f",
    "adam-warmup": "246ef70c4431eeb0734be6104c010066",
    "radam": "4f31cd66ae70453757017e079a90f579",
    "radam-skip": "154050118930e64c2f3c81e50db818e0",
    "steps": "af1d60b02365dfa576f03d419bf49555",
}


def adam(**parts) -> Optimizer:
    return Optimizer(label="a", algorithm="adam", **parts)


def config(optimizer: Optimizer) -> TrainingConfig:
    return TrainingConfig(optimizer, 0.01, 3, 64, 256)


def study(optimizers, **parts) -> Study:
    return Study(
        name="s", question="?", optimizers=optimizers, learning_rates=[0.1], seeds=1, **parts
    )


@pytest.mark.parametrize("name", GOLDEN)
def test_fingerprints_are_those_of_before_there_were_more_kinds(name):
    """Computed by the version before Lookahead and all schedules but ``StepDecay``."""
    steps = adam(schedule=StepDecay(factor=0.1, epochs=(2, 3)), warmup=Warmup(steps=9))
    optimizer = steps if name == "steps" else BUILT_IN_OPTIMIZERS[name]
    assert fingerprint(config(optimizer), 7, "task") == GOLDEN[name]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule.kind)
def test_every_schedule_is_another_definition_and_read_back_from_json(schedule):
    optimizer = adam(schedule=schedule)
    assert optimizer.definition() != adam().definition()
    said = json.loads(json.dumps(optimizer.model_dump(mode="json")))
    assert Optimizer.model_validate(said) == optimizer
    assert config(optimizer).cohort_key() != config(adam()).cohort_key()


def test_definitions_tell_all_schedules_apart():
    found = {json.dumps(adam(schedule=each).definition()) for each in SCHEDULES}
    assert len(found) == len(SCHEDULES)


def test_a_constant_schedule_is_none():
    assert adam(schedule=Constant()).definition() == adam().definition()


def test_a_schedule_in_words_that_says_no_kind_is_a_step_decay():
    schedule = {"factor": 0.1, "epochs": (2,)}
    assert adam(schedule=schedule).schedule == StepDecay(factor=0.1, epochs=(2,))


def test_lookahead_is_dumped_only_where_there_is_one():
    assert "lookahead" not in adam().model_dump(mode="json")
    assert "lookahead" not in adam().definition()
    around = adam(lookahead=Lookahead(steps=3))
    assert around.definition()["lookahead"] == {"steps": 3, "alpha": 0.5}
    assert Optimizer.model_validate(around.model_dump(mode="json")) == around
    assert config(around).cohort_key() != config(adam()).cohort_key()


def test_at_every_point_an_optimizer_keeps_its_lookahead_and_schedule():
    parts = {"lookahead": Lookahead(steps=3), "schedule": CosineDecay()}
    asked = study([adam(**parts)])
    (optimizer,) = asked.optimizers
    found = asked.config(optimizer, asked.points(optimizer)[0]).optimizer
    assert (found.lookahead, found.schedule) == (Lookahead(steps=3), CosineDecay())
    assert Study.stored(asked.model_dump(mode="json")) == asked


def test_what_has_several_weights_says_at_which_it_is_evaluated():
    labels = ["adam", "schedule-free-adamw", "ranger"]
    said = study(labels).evaluated_at
    assert [*said] == ["schedule-free-adamw", "ranger"]
    assert "not their average x" in said["schedule-free-adamw"]
    assert "not the slow weights" in said["ranger"]
    by_path = Optimizer(label="k", algorithm="keras.optimizers:ScheduleFreeAdamW")
    assert by_path.evaluated_at == said["schedule-free-adamw"]


def test_untuned_warmups_differ_by_shape():
    linear, exponential = (
        adam(warmup=UntunedWarmup(shape=shape)) for shape in ("linear", "exponential")
    )
    assert linear.definition()["warmup"] == {"kind": "untuned", "shape": "linear"}
    assert linear.definition() != exponential.definition()
    assert Optimizer.model_validate(linear.model_dump(mode="json")) == linear


@pytest.mark.parametrize(
    ("wrong", "got"),
    [
        (lambda: adam(schedule={"kind": "cosne"}), "cosne"),
        (lambda: Optimizer(label="s", algorithm="sgd", warmup=UntunedWarmup()), "no beta_2"),
        (lambda: OwnSchedule(path="nowhere"), "no module:function"),
        (
            lambda: study([Optimizer(label="m", algorithm="my:Own", warmup=UntunedWarmup())]),
            "and no β₂",
        ),
        (
            lambda: Study(
                name="s",
                question="?",
                optimizers=["adam-untuned-linear"],
                axes=[{"name": "warmup.steps", "values": (1, 2)}],
                base={"learning_rate": 0.1},
                seeds=1,
            ),
            "follows from β₂, and warmup.steps is swept",
        ),
    ],
)
def test_what_does_not_fit_is_refused(wrong, got):
    with pytest.raises(ValidationError, match=got):
        wrong()


def test_the_file_of_an_own_schedule_is_part_of_the_definition(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_schedules.py").write_text("def mine(step, steps):\n    return 1\n")
    mine = adam(schedule=OwnSchedule(path="my_schedules:mine"))
    keras = OwnSchedule(path="keras.optimizers.schedules:CosineDecay")
    found = codes_of([mine, Optimizer(label="k", algorithm="adam", schedule=keras)])
    assert {label: [*files] for label, files in found.items()} == {"a": ["my_schedules.py"]}


@pytest.mark.parametrize(
    ("algorithm", "settings", "said"),
    [
        ("adam", {"beta_2": 2.0}, r"beta_2 2.0 is not in \[0, 1\)"),
        ("adam", {"epsilon": -1e-7}, "epsilon -1e-07 is not at least 0"),
        ("adam", {"beta_1": "high"}, r"beta_1 'high' is not in \[0, 1\)"),
        ("adam", {"beta_1": None}, r"beta_1 None is not in \[0, 1\)"),
        ("adam", {"epsilon": True}, "epsilon True is not at least 0"),
        ("sgd", {"clipnorm": 0}, "clipnorm 0 is not above 0"),
        ("radam", {"threshold": 3}, "threshold 3 is not at least 4"),
        ("adam-2k", {"variance_steps": 2.5}, "variance_steps 2.5 is not a whole number, 0 or more"),
        ("keras.optimizers:Adam", {"beta_2": 1.0}, r"beta_2 1.0 is not in \[0, 1\)"),
    ],
)
def test_a_setting_outside_its_range_is_refused(algorithm, settings, said):
    with pytest.raises(ValidationError, match=said):
        Optimizer(label="a", algorithm=algorithm, settings=settings)


@pytest.mark.parametrize(
    ("algorithm", "settings"),
    [
        ("adamw", {"weight_decay": None}),
        ("adam", {"beta_1": 0, "amsgrad": True, "clipnorm": None}),
        ("adam-2k", {"variance_steps": 0}),
        ("my_module:Mine", {"beta_2": 2.0}),
        ("keras.optimizers:Adam", {"name": "mine"}),
    ],
)
def test_a_setting_within_its_range_stays_as_it_is(algorithm, settings):
    assert Optimizer(label="a", algorithm=algorithm, settings=settings).settings == settings


def test_a_stored_setting_outside_its_range_is_read_and_has_its_trials():
    """As 0.1 stored it, which took any number."""
    said = study([adam()]).model_dump(mode="json")
    said["optimizers"][0]["settings"] = {"beta_2": 2.0}
    with pytest.raises(ValidationError, match="beta_2 2"):
        Study.model_validate(said)
    stored = Study.stored(said)
    (optimizer,) = stored.optimizers
    assert stored.config(optimizer, stored.points(optimizer)[0]).optimizer.settings == {
        "beta_2": 2.0
    }
    assert stored.replace(seeds=2).optimizers == stored.optimizers
