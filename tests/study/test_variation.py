"""A study as options ask for it: other axes, other values; and what has no effect is refused."""

import pytest

from sweep.errors import StudyError
from sweep.study import Axis, Optimizer, Study, Warmup
from sweep.study.variation import vary

RATES = {"learning_rates": (0.01, 0.1)}
SIZES = Axis(name="batch_size", values=(16, 32))


def study(**changes) -> Study:
    said = {"name": "s", "question": "Old?", "optimizers": ["adam", "sgd"], "seeds": 2}
    return Study(
        **(said | (changes if {"axes", "learning_rates"} & {*changes} else RATES | changes))
    )


def own_rates(**more) -> Study:
    optimizers = [
        Optimizer(label="a", algorithm="adam", learning_rate=0.01, **more),
        Optimizer(label="b", algorithm="sgd", learning_rate=0.1),
    ]
    return study(axes=[SIZES], optimizers=optimizers)


def test_other_axes_take_the_place_of_the_studys_and_of_its_question():
    asked = vary(study(), {"axes": [SIZES], "base": {"learning_rate": 0.01}})
    assert [axis.name for axis in asked.axes] == ["batch_size"]
    assert asked.base == {"learning_rate": 0.01}
    assert asked.question == (
        "How much does the accuracy of adam, sgd depend on batch size, from 16 to 32?"
    )
    assert vary(study(), {"axes": study().axes}).question == "Old?"


def test_learning_rates_beside_another_axis_make_two():
    asked = vary(own_rates(), {"learning_rates": [0.1, 0.2]})
    assert [axis.name for axis in asked.axes] == ["batch_size", "learning_rate"]
    assert "batch size, from 16 to 32; and on learning rate?" in asked.question
    assert [optimizer.learning_rate for optimizer in asked.optimizers] == [None, None]


def test_what_is_set_goes_where_the_study_has_it():
    base = {"epochs": 3, "batch_size": 8, "hidden_units": 16, "optimizer.weight_decay": 0.1}
    asked = vary(study(base={"optimizer.clipvalue": 1.0}), {"base": base})
    assert (asked.epochs, asked.batch_size, asked.model.hidden_units) == (3, 8, 16)
    assert asked.base == {"optimizer.clipvalue": 1.0, "optimizer.weight_decay": 0.1}
    config = asked.config(asked.optimizers[0], asked.points(asked.optimizers[0])[0])
    assert config.optimizer.settings == {"clipvalue": 1.0, "weight_decay": 0.1}


def test_a_warm_up_in_steps_takes_the_place_of_one_in_shares():
    asked = vary(study(base={"warmup.share": 0.5}), {"base": {"warmup.steps": 7}})
    assert asked.base == {"warmup.steps": 7}


def test_what_optimizers_say_of_axes_that_are_gone_goes():
    ragged = own_rates(values={"batch_size": (8, 16)})
    assert vary(ragged, {"axes": [SIZES]}).optimizers[0].values == {}
    assert vary(ragged, {"epochs": 3}).optimizers[0].values == {"batch_size": (8, 16)}
    fixed = own_rates(fixed=("batch_size",))
    steps = Axis(name="epochs", values=(1, 2))
    assert vary(fixed, {"axes": [steps]}).optimizers[0].fixed == ()
    assert vary(fixed, {"axes": [SIZES, steps]}).optimizers[0].fixed == ("batch_size",)


def test_an_optimizer_that_is_fixed_keeps_its_learning_rate():
    still = Optimizer(label="still", algorithm="adam", learning_rate=0.5, fixed=("learning_rate",))
    asked = vary(study(optimizers=["sgd", still]), {"learning_rates": [0.1, 0.2]})
    assert asked.optimizers[1] == still


def test_optimizers_by_label_are_the_studys_own_first():
    mine = Optimizer(label="sgd", algorithm="sgd", settings={"momentum": 0.9})
    asked = vary(study(optimizers=["adam", mine]), {"optimizers": ["sgd", "radam"]})
    assert asked.optimizers[0] == mine
    assert asked.optimizers[1].algorithm == "radam"


@pytest.mark.parametrize(
    ("made", "changes", "words"),
    [
        (study, {"axes": [SIZES]}, "--set learning_rate=0.003"),
        (study, {"axes": [SIZES]}, "no learning rate for adam, sgd"),
        (study, {"base": {"learning_rate": 0.1}}, "it is an axis of s"),
        (own_rates, {"base": {"batch_size": 8}}, "it is an axis of s"),
        (own_rates, {"base": {"learning_rate": 0.1}}, "each of a, b has its own"),
        (study, {"axes": [Axis(name="epochs", values=[1])], "epochs": 3}, "epochs cannot be set"),
        (study, {"base": {"optimizer.beta2": 0.9}}, "did you mean beta_2?"),
        (study, {"base": {"optimizer.rho": 0.9}}, "none of adam, sgd takes optimizer.rho"),
        (study, {"axes": [Axis(name="optimizer.nesterof", values=(0, 1))]}, "mean nesterov?"),
        (study, {"base": {"batch_sise": 8}}, "did you mean batch_size"),
        (study, {"base": {"batch_size": 0}}, "batch size 0 is not a whole"),
        (study, {"base": {"warmup.steps": 5, "warmup.share": 0.1}}, "both"),
        (study, {"axes": [SIZES] * 2, "base": {"learning_rate": 0.1}}, "each axis once"),
        (study, {"optimizers": ["adamm"]}, "did you mean adam"),
        (study, {"optimizers": ["sgd", "adam"], "axes": [Axis(name="optimizer.beta_2", values=[0])],
                 "base": {"learning_rate": 0.1}}, "leave sgd out"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(made, changes, words):
    with pytest.raises(StudyError) as caught:
        vary(made(), changes)
    assert words in str(caught.value)
    assert caught.value.remedy


def test_a_warm_up_of_ones_own_is_not_set():
    warm = Optimizer(label="w", algorithm="adam", warmup=Warmup(steps=5))
    with pytest.raises(StudyError, match="each of w has its own"):
        vary(study(optimizers=[warm]), {"base": {"warmup.steps": 9}})
