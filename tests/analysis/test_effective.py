"""The comparison along the mean effective learning rate: by hand, by simulation, in words."""

import dataclasses
import math

import numpy as np
import pytest
from made_grids import RATES, made_grid
from made_results import made_results, made_study

from sweep.analysis.effective import along_effective_axis, mean_share, steps_to_whole
from sweep.analysis.evidence import gather
from sweep.analysis.measures import measure
from sweep.analysis.tables import measures_rows, measures_table
from sweep.optimizers.multipliers import multipliers
from sweep.study.axis import Axis
from sweep.study.optimizer import BUILT_IN_OPTIMIZERS, Optimizer
from sweep.study.schedules import CosineDecay, Warmup

DECADES = Axis(name="learning_rate", values=(0.001, 0.01, 0.1, 1.0))
RADAM = BUILT_IN_OPTIMIZERS["radam"]


def along(accuracy_ONS, share_O, axis=DECADES):
    accuracy_ONS = np.asarray(accuracy_ONS, float)
    return along_effective_axis(
        accuracy_ONS,
        np.zeros(accuracy_ONS.shape, bool),
        np.asarray(share_O, float),
        axis=axis,
        baseline=0.5,
        examples=500,
    )


def test_by_hand():
    """A tenth of the rate shifts a curve by one decade; they agree there, point by point."""
    seeds = np.array([-0.01, 0.0, 0.01])
    curve = np.array([0.6, 0.7, 0.9, 0.8, 0.5])
    accuracy = np.stack([curve[:4], curve[1:]])[:, :, None] + seeds
    # The first takes a tenth: its rates 0.01 … 1 act as the other's 0.001 … 0.1.
    found = along(accuracy[::-1], [1.0, 0.1])
    assert (found.low, found.high) == pytest.approx((0.001, 0.1))
    assert found.mean_accuracy_O.value == pytest.approx(
        [0.25 * 0.7 + 0.5 * 0.9 + 0.25 * 0.8, 0.25 * 0.7 + 0.5 * 0.9 + 0.25 * 0.8]
    )
    assert found.differences.value == pytest.approx([0.0])


def test_with_the_whole_rate_it_is_the_primary_measure():
    accuracy = np.random.default_rng(3).uniform(0.5, 1, (3, 7, 5))
    axis = Axis(name="learning_rate", values=tuple(RATES))
    found, expected = along(accuracy, [1, 1, 1], axis), measure(made_grid(accuracy))
    assert found.mean_accuracy_O.value == pytest.approx(expected.mean_accuracy_O.value)
    primary = expected.mean_accuracy_differences
    assert found.differences.value == pytest.approx(primary.value)
    assert found.differences.high == pytest.approx(primary.high)


def test_seeds_that_agree_in_failing_leave_as_much_doubt_as_in_the_primary_measure():
    accuracy = np.full((2, 4, 3), 0.9)
    accuracy[1, 3] = 0.5
    found, expected = along(accuracy, [1, 1]), measure(made_grid(accuracy, axes=(DECADES,)))
    assert found.differences.low == pytest.approx(expected.mean_accuracy_differences.low, rel=1e-3)


def test_nothing_in_common():
    found = along(np.full((2, 4, 3), 0.9), [1, 1e-4])
    assert math.isnan(found.low)
    assert np.isnan(found.mean_accuracy_O.value).all()
    assert not found.differences.claimed.any()


@pytest.mark.parametrize("collapse", [0.0, 0.3], ids=["smooth", "with collapses"])
def test_one_optimizer_under_two_names_is_called_different_along_the_nominal_axis_alone(collapse):
    """1,000 studies of five seeds; at 5 % wrong claims their share has a standard error of 0.7 %.

    Measured: nominal 0.833 and 0.301, effective 0.054 and 0.024.
    """
    random, axis = np.random.default_rng(11), Axis(name="learning_rate", values=tuple(RATES))
    studies, share_O = 1000, np.array([1.0, 0.25])
    position_ON1 = (np.log10(RATES) + np.log10(share_O)[:, None])[..., None]
    curve_ON1 = 0.93 - 0.06 * (position_ON1 + 2.2) ** 2
    claimed = {"nominal": 0, "effective": 0}
    for _ in range(studies):
        accuracy = curve_ON1 + 0.01 * random.standard_normal((2, 7, 5))
        accuracy += 0.01 * random.standard_normal(5)
        collapses = collapse * np.clip(position_ON1 + 2, 0, 1)
        accuracy[random.random((2, 7, 5)) < collapses] = 0.5
        for name, share in (("nominal", np.ones(2)), ("effective", share_O)):
            claimed[name] += bool(along(accuracy, share, axis).differences.claimed[0])
    assert claimed["nominal"] > 0.2 * studies
    assert claimed["effective"] <= 0.06 * studies


@pytest.mark.parametrize(
    ("optimizer", "steps"),
    [
        (RADAM, 320),
        (Optimizer(label="w", algorithm="adam", warmup=Warmup(steps=300)), 320),
    ],
    ids=["radam", "warm-up"],
)
def test_steps_until_an_optimizer_takes_its_learning_rate(optimizer, steps):
    found = steps_to_whole(optimizer, steps)
    assert found is not None
    assert mean_share(multipliers([optimizer], int(0.97 * found))) < 0.9
    assert mean_share(multipliers([optimizer], int(1.03 * found))) >= 0.9


def test_a_warm_up_over_a_share_of_the_training_is_never_over_sooner():
    half = Optimizer(label="w", algorithm="adam", warmup=Warmup(share=0.5))
    assert steps_to_whole(half, 320) is None


def test_a_schedule_that_goes_with_the_training_is_never_over_sooner():
    cosine = Optimizer(label="c", algorithm="adam", schedule=CosineDecay())
    assert steps_to_whole(cosine, 320) is None


def test_where_no_step_is_ever_taken_the_verdict_says_so():
    """Adam-2k in a training that is over before its 2,000 steps are."""
    study = made_study().replace(optimizers=["adam-2k", "adam", "radam"])
    results = made_results(study)
    factors_1K = multipliers([BUILT_IN_OPTIMIZERS["adam-2k"]], 320)
    cohorts = [
        dataclasses.replace(each, multiplier_PK=factors_1K) if each.optimizer == "adam-2k" else each
        for each in results.cohorts
    ]
    evidence = gather(dataclasses.replace(results, cohorts=tuple(cohorts)))
    shares, compared = evidence.verdict.sentences[-2:]
    assert "Adam-2k takes 0 % of its learning rate" in shares
    assert "have no range in common" in compared


def test_the_verdict_says_what_is_taken_and_what_is_left():
    evidence = gather(made_results())
    shares, compared = evidence.verdict.sentences[-2:]
    assert shares == (
        "On average over the 320 steps of a training, RAdam takes 28 % of its learning rate "
        "(90 % would take about 10,000 steps)."
    )
    assert compared.startswith(
        "At equal mean effective learning rates, 0.003 to 0.02823, RAdam minus Adam is −5.6 points "
        "(no difference is shown, 95 % interval −13"
    )


def test_the_tables_have_it():
    measures = gather(made_results()).measures
    names = [row["measure"] for row in measures_table(measures)]
    assert names[1:3] == [
        "mean accuracy at equal effective learning rates (%)",
        "mean share of the learning rate (%)",
    ]
    rows = [row for row in measures_rows(measures) if "equal effective" in row["measure"]]
    assert [row["against"] for row in rows] == [
        *[None] * 3,
        "Adam",
        "Adam with warm-up",
        "Adam with warm-up",
    ]
    assert all(row["claimed"] is False for row in rows[3:])


def test_where_all_take_their_learning_rate_nothing_is_said():
    study = made_study()
    study = study.replace(optimizers=study.optimizers[1:])
    evidence = gather(made_results(study))
    assert evidence.measures.effective is None
    assert "effective" not in str(evidence.verdict)


def test_too_few_seeds_and_what_is_not_known():
    evidence = gather(made_results(made_study(seeds=2)))
    assert "RAdam takes 28 %" in evidence.verdict.sentences[-1]
    assert "equal mean effective" not in str(evidence.verdict)
    unknown = dataclasses.replace(made_results(), cohorts=())
    assert gather(unknown).measures.effective is None
