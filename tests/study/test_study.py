"""A study refuses what is not valid, when it is built, and says which field, rule and value."""

import itertools

import pytest
from made_plans import trials_of
from pydantic import ValidationError

from sweep.study.axis import log_spaced, spaced
from sweep.study.extension import extended
from sweep.study.metric import Metric
from sweep.study.optimizer import ALGORITHMS, BUILT_IN_OPTIMIZERS, Optimizer
from sweep.study.programs import Function
from sweep.study.schedules import Warmup
from sweep.study.study import Study
from sweep.study.tasks import Model, Pictures
from sweep.study.variation import vary


def study(**changes):
    valid = {
        "name": "s",
        "question": "q",
        "optimizers": ("adam", "radam"),
        "learning_rates": (0.01, 0.1),
        "seeds": 2,
    }
    return Study(**(valid | changes))


@pytest.mark.parametrize(
    ("changes", "field", "rule", "value"),
    [
        ({"epoch": 3}, "epoch", "Extra inputs are not permitted", "3"),
        (
            {"learning_rates": (-0.1,)},
            "axes.0.values",
            "is not in (0, 1000]",
            "-0.1",
        ),
        ({"learning_rates": (float("nan"),)}, "axes.0.values.0", "finite", "nan"),
        ({"learning_rates": (0.1, 0.1)}, "axes.0.values", "repeated", "0.1"),
        ({"learning_rates": ()}, "axes.0.values", "at least 1 item", "()"),
        (
            {"optimizers": ("adamm",)},
            "optimizers",
            "did you mean adam?",
            "adamm",
        ),
        ({"optimizers": ()}, "optimizers", "at least 1 item", "()"),
        ({"optimizers": ("adam", "adam")}, "optimizers", "repeated", "adam"),
        ({"epochs": 0}, "epochs", "greater than or equal to 1", "0"),
        ({"batch_size": 0}, "batch_size", "greater than or equal to 1", "0"),
        ({"seeds": 0}, "seeds", "at least 1 item", "0"),
        ({"seeds": (1, 1)}, "seeds", "repeated", "1"),
        ({"seeds": (-1,)}, "seeds.0", "greater than or equal to 0", "-1"),
        ({"name": "a/b"}, "name", "printable", "a/b"),
        ({"name": ""}, "name", "at least 1 character", "''"),
        ({"margin": 0}, "margin", "greater than 0", "0"),
        ({"margin": 1}, "margin", "less than 1", "1"),
        ({"pairs": "best"}, "pairs", "'all' or 'first'", "best"),
    ],
)
def test_invalid_field_is_named_with_rule_and_value(changes, field, rule, value):
    with pytest.raises(ValidationError) as raised:
        study(**changes)
    problem = raised.value.errors()[0]
    assert ".".join(map(str, problem["loc"])) == field
    assert rule in problem["msg"]
    assert value in repr(problem["input"])


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Optimizer(label="a", algorithm="sgdd"), "no algorithm 'sgdd'; did you mean sgd"),
        (
            lambda: Optimizer(label="a", algorithm="adam", settings={"beta2": 0.9}),
            "adam has no setting beta2",
        ),
        (lambda: Warmup(share=0), "greater than 0"),
        (lambda: Warmup(steps=0), "greater than or equal to 1"),
        (lambda: Pictures(validation_share=1), "less than 1"),
        (lambda: Model(backbone="small"), "no imagenet weights of the small backbone"),
        (lambda: Model(backbone="resnet"), "did you mean resnet50"),
    ],
)
def test_invalid_parts(build, message):
    with pytest.raises(ValidationError, match=message):
        build()


def test_two_labels_for_the_same_training_are_refused():
    twin = Optimizer(label="adam-again", algorithm="adam")
    with pytest.raises(ValidationError, match="are the same"):
        study(optimizers=("adam", twin))


def test_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        study().epochs = 3


def test_learning_rates_and_seeds_are_sorted_and_a_number_of_seeds_counts():
    assert study(learning_rates=(0.1, 0.01), seeds=3).axes[0].values == (0.01, 0.1)
    assert study(seeds=3).seeds == (0, 1, 2)
    assert study(seeds=(5, 2)).seeds == (2, 5)


def test_survives_json():
    original = study(optimizers=tuple(BUILT_IN_OPTIMIZERS))
    assert Study.model_validate_json(original.model_dump_json()) == original


def test_every_algorithm_is_built_in_and_only_norms_forbid_training_together():
    assert set(ALGORITHMS) <= set(BUILT_IN_OPTIMIZERS)
    apart = {name for name, found in BUILT_IN_OPTIMIZERS.items() if not found.element_wise}
    assert apart == {"adafactor", "lamb", "muon"}
    assert not Optimizer(label="m", algorithm="keras.optimizers:Muon").element_wise
    clipped = Optimizer(label="c", algorithm="adam", settings={"global_clipnorm": 1.0})
    assert not clipped.element_wise


def test_log_spaced_has_both_ends_and_equal_ratios():
    rates = log_spaced(0.003, 0.1, 7)
    assert (rates[0], rates[-1], len(rates)) == (0.003, 0.1, 7)
    ratios = [high / low for low, high in itertools.pairwise(rates)]
    assert max(ratios) / min(ratios) < 1.001
    assert log_spaced(0.01, 0.01, 1) == (0.01,)
    assert log_spaced(0.0031234, 0.98765, 2) == (0.0031234, 0.98765)


@pytest.mark.parametrize(
    ("low", "high", "count", "words"),
    [
        (0.01, 0.1, 1, "at least two values, not 1"),
        (0.1, 0.1, 3, "there is one value, not 3"),
        (0.01, 0.1, 0, "0 values; an axis has 1 to 10,000"),
        (0, 0.1, 3, "from 0 to 0.1 there are no equal ratios: both ends are above 0"),
        (-0.1, -0.01, 3, "both ends are above 0"),
    ],
)
def test_what_would_drop_an_end_is_refused(low, high, count, words):
    with pytest.raises(ValueError, match=words):
        log_spaced(low, high, count)
    with pytest.raises(ValueError, match=r"above 0|\(0, 1000\]" if low <= 0 else words):
        spaced("learning_rate", low, high, count)


@pytest.mark.parametrize(
    ("warmup", "total", "length"),
    [(Warmup(), 320, 32), (Warmup(share=1), 320, 320), (Warmup(steps=7), 320, 7), (Warmup(), 3, 1)],
)
def test_warmup_length(warmup, total, length):
    assert warmup.length(total) == length


def test_on_rendered_pets_says_so_in_its_name():
    pets = study().on_rendered_pets()
    assert pets.name == "s-rendered-pets"
    assert (pets.model.backbone, pets.model.weights) == ("small", "random")
    assert pets.pictures.dataset == "rendered-pets"


def test_on_rendered_pets_it_is_small_unless_it_says_how_many_pictures_it_takes():
    pets = study().on_rendered_pets()
    assert (pets.pictures.limit, pets.model.image_size) == (1250, 32)
    for limit in (600, 2500, None):
        asked = study(pictures=Pictures(limit=limit)).on_rendered_pets()
        assert (asked.pictures.limit, asked.model.image_size) == (limit, 32)
    turned = vary(study(), {"orientation": "applied"}).on_rendered_pets()
    assert turned.pictures.limit == 1250


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"seeds": 10**12}, "more than 10,000 seeds"),
        ({"batch_size": 10**4000}, "less than or equal to"),
        ({"model": {"hidden_units": 10**5000}}, "less than or equal to"),
        ({"pictures": {"limit": 10**5000}}, "less than or equal to"),
        (
            {"optimizers": [{"label": "a", "algorithm": "m:C", "settings": {"x": 10**5000}}]},
            "valid",
        ),
    ],
)
def test_absurd_numbers_are_refused_at_once(change, rule):
    with pytest.raises(ValidationError, match=rule):
        study(**change)


def test_a_grid_that_no_run_ends_is_refused_at_once():
    with pytest.raises(ValueError, match="1,000,000,000 values; an axis has 1 to 10,000"):
        log_spaced(0.001, 1, 10**9)
    with pytest.raises(ValidationError, match="at most 10000 items"):
        study(learning_rates=[0.001 + step / 10**6 for step in range(20_000)])


def test_how_it_is_read_is_dumped_only_where_it_is_said():
    usual, said = study(), study(margin=0.02, pairs="first")
    dumped = usual.model_dump(mode="json")
    assert not {"margin", "pairs"} & dumped.keys()
    assert said.model_dump(mode="json") == dumped | {"margin": 0.02, "pairs": "first"}
    assert Study.stored(dumped) == usual
    assert Study.stored(said.model_dump(mode="json")) == said


def test_how_it_is_read_may_change_in_a_stored_study():
    stored, asked = study(), study(margin=0.02, pairs="first", seeds=3)
    united = extended(stored, "features", asked, "features")
    assert (united.margin, united.pairs, united.seeds) == (0.02, "first", (0, 1, 2))
    assert extended(asked, "features", stored, "features").margin == stored.margin


def test_the_margin_is_half_of_near_unless_it_is_said():
    error = Metric(name="error", unit="kWh", direction="minimize", near=5)
    own = study(task=Function("mine:train", metric=error))
    assert (study().margin, own.margin) == (0.01, 2.5)
    assert study().replace(task=own.task).margin == own.replace(seeds=2).margin == 2.5
    said = own.replace(margin=3)
    assert said.replace(seeds=2).margin == 3
    assert "margin" not in own.model_dump()
    assert Study.stored(said.model_dump(mode="json")).margin == 3
    with pytest.raises(ValidationError, match="less than 1 of a share"):
        study(task=Function("mine:train"), margin=3)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"unit": "kWh"}, "say near"),
        ({"unit": "kWh", "near": 1e-9}, "a smaller unit"),
        ({"near": 2}, "a share of 1"),
        ({"guessing": 50}, "a share of 1"),
    ],
)
def test_a_metric_says_how_close_is_as_good(wrong, said):
    with pytest.raises(ValidationError, match=said):
        Metric(name="error", **wrong)


def test_recording_gradients_changes_no_trial():
    """It is no part of a fingerprint, and a stored study may gain or lose it."""
    without, recording = study(), study(gradients=True)
    assert "gradients" not in without.model_dump(mode="json")
    assert Study.stored(recording.model_dump(mode="json")) == recording
    for trial, same in zip(trials_of(without, "key"), trials_of(recording, "key"), strict=True):
        assert (trial.fingerprint, trial.config) == (same.fingerprint, same.config)
        assert same.config.gradients
        assert not trial.config.gradients
    assert extended(without, "key", recording, "key").gradients
    assert not extended(recording, "key", without, "key").gradients
    assert vary(without, {"gradients": True}).gradients
    with pytest.raises(ValidationError, match="gradients are recorded of heads and networks"):
        study(task=Function(function="mine:train"), gradients=True)


def test_steps_at_which_gradients_are_recorded_change_no_trial():
    without, chosen = study(), study(gradients=[25, 1, 5, 5])
    assert chosen.gradients == (1, 5, 25)
    assert Study.stored(chosen.model_dump(mode="json")) == chosen
    for trial, same in zip(trials_of(without, "key"), trials_of(chosen, "key"), strict=True):
        assert (trial.fingerprint, trial.config) == (same.fingerprint, same.config)
        assert same.config.gradients == (1, 5, 25)
    assert extended(without, "key", chosen, "key").gradients == (1, 5, 25)
    assert extended(chosen, "key", study(gradients=True), "key").gradients is True


@pytest.mark.parametrize("steps", [(), (0, 1), (1.5,), range(1, 1_002), "1,5"])
def test_what_is_no_choice_of_steps(steps):
    with pytest.raises(ValidationError, match="gradients"):
        study(gradients=steps if isinstance(steps, str) else [*steps])
