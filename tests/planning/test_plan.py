"""Fingerprints cover the definition and nothing else; cohorts hold what trains together."""

from collections import Counter
from dataclasses import replace

import pytest
from made_plans import cohorts_of, rates_of, trials_of

from sweep.designs.grid import grid
from sweep.errors import UsageError
from sweep.planning.trials import Trial, plan_trials
from sweep.study.axis import Point, log_spaced
from sweep.study.fingerprint import fingerprint
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import Warmup
from sweep.study.study import Study
from sweep.study.tasks import Model
from sweep.study.training_config import TrainingConfig
from sweep.tasks.frozen_features import sizes
from sweep.training.memory import LIBRARIES_BYTES, Fit, estimated_memory_bytes, fit_into
from sweep.util.hashing import digest

STUDY = Study(
    name="s",
    question="q",
    optimizers=("radam", "adam"),
    learning_rates=(0.01, 0.03, 0.1),
    seeds=2,
)


def of(study=STUDY, optimizer=STUDY.optimizers[0], rate=0.01, seed=0, key="k", code=None):
    point = Point.of({"learning_rate": rate})
    return fingerprint(study.config(optimizer, point), seed, key, code)


def test_every_trial_once_and_every_fingerprint_its_own():
    trials = trials_of(STUDY, "k")
    assert len(trials) == len({trial.fingerprint for trial in trials}) == 12


@pytest.mark.parametrize(
    "changed",
    [
        of(rate=0.02),
        of(seed=1),
        of(key="other pictures"),
        of(STUDY.replace(epochs=11)),
        of(STUDY.replace(batch_size=65)),
        of(STUDY.replace(model=Model(hidden_units=128))),
        of(STUDY.replace(model=Model(head_products="bfloat16"))),
        of(optimizer=STUDY.optimizers[1]),
        of(optimizer=Optimizer(label="radam", algorithm="radam", warmup=Warmup())),
        of(optimizer=Optimizer(label="radam", algorithm="radam", settings={"beta_2": 0.99})),
    ],
)
def test_fingerprint_changes_with_the_definition(changed):
    assert changed != of()


@pytest.mark.parametrize(
    "same",
    [
        of(STUDY.replace(name="other", question="another")),
        of(STUDY.replace(seeds=9, learning_rates=(0.01, 0.5))),
        of(optimizer=Optimizer(label="other", algorithm="radam")),
    ],
)
def test_fingerprint_does_not_change_with_names_or_neighbours(same):
    assert same == of()


def test_fingerprint_is_the_same_in_every_version():
    """Changing it makes every stored trial strange: raise FINGERPRINT_VERSION knowingly."""
    assert of() == "76f1b0c3f7e1444d190d6ada62b2dc30"


def test_cohorts_hold_all_learning_rates_of_an_optimizer_and_seed():
    cohorts = cohorts_of(STUDY, "k")
    assert [(cohort.optimizer, cohort.seed) for cohort in cohorts] == [
        ("radam", 0),
        ("adam", 0),
        ("radam", 1),
        ("adam", 1),
    ]
    assert all(rates_of(cohort) == (0.01, 0.03, 0.1) for cohort in cohorts)


def test_a_plan_looks_at_each_configuration_once(monkeypatch):
    """However many seeds it has: they share it."""
    study, looked_at = STUDY.replace(seeds=50), []
    cohort_key, definition = TrainingConfig.cohort_key, TrainingConfig.definition
    monkeypatch.setattr(
        TrainingConfig, "cohort_key", lambda it: looked_at.append("cohort") or cohort_key(it)
    )
    monkeypatch.setattr(
        TrainingConfig, "definition", lambda it: looked_at.append("hash") or definition(it)
    )
    cohorts = cohorts_of(study)
    assert len(cohorts) == 2 * 50
    assert Counter(looked_at) == {"cohort": 6, "hash": 6}


def test_finished_trials_are_left_out():
    trials = trials_of(STUDY, "k")
    finished = {trial.fingerprint for trial in trials if trial.seed == 0} | {trials[-1].fingerprint}
    cohorts = cohorts_of(STUDY, "k", finished)
    assert [len(cohort.trials) for cohort in cohorts] == [3, 2]
    assert cohorts_of(STUDY, "k", {trial.fingerprint for trial in trials}) == ()


def test_digest_does_not_depend_on_order():
    assert digest({"a": [1, 2], "b": None}) == digest({"b": None, "a": [1, 2]})
    assert digest({"a": [1, 2]}) != digest({"a": [2, 1]})


SIZES = sizes(100, 1_000_000, trials_of(STUDY))
WEIGHTS = 1_000_000 * 256 * 4


def test_memory_by_hand():
    features, batch = 100 * 1_000_000 * 2, 100 * 1_000_000 * 4
    fixed = LIBRARIES_BYTES + 2 * features + 2 * batch
    trials = trials_of(STUDY)
    assert estimated_memory_bytes(trials, SIZES) == round(fixed + 3 * (6 + 2.8 * 2) * WEIGHTS)
    of_two = estimated_memory_bytes(trials, SIZES, Fit(2, 1))
    assert of_two == round(fixed + 2 * (6 + 2.8) * WEIGHTS)
    rounded = trials_of(STUDY.replace(model=Model(head_products="bfloat16")))
    assert estimated_memory_bytes(rounded, SIZES) == round(fixed + 3 * (7 + 2.8 * 2) * WEIGHTS)


def test_limit_is_kept_by_keeping_fewer_cohorts_then_by_halving_them():
    assert fit_into(trials_of(STUDY), SIZES, None) == Fit(3, 2)
    found = [Fit(3, 2), Fit(3, 1), Fit(2, 1), Fit(1, 1)]
    for fit in found:
        limit = estimated_memory_bytes(trials_of(STUDY), SIZES, fit)
        assert fit_into(trials_of(STUDY), SIZES, limit) == fit
    with pytest.raises(UsageError, match="--memory-limit") as raised:
        fit_into(trials_of(STUDY), SIZES, limit - 1)
    assert f"{limit / 1e9:.1f} GB" in raised.value.wrong


@pytest.mark.parametrize(
    ("most", "sizes"), [(None, [7]), (7, [7]), (6, [4, 3]), (3, [2, 2, 3]), (2, [2, 2, 2, 1])]
)
def test_cohorts_are_halved_until_none_is_too_large(most, sizes):
    study = STUDY.replace(learning_rates=log_spaced(0.001, 1, 7), optimizers=("adam",), seeds=1)
    (whole,) = cohorts_of(study, "k")
    cohorts = cohorts_of(study, "k", (), most)
    assert [len(cohort.trials) for cohort in cohorts] == sizes
    assert sum((cohort.trials for cohort in cohorts), ()) == whole.trials


def test_networks_take_what_their_layers_put_out():
    trials = trials_of(STUDY)
    batch = max(trial.config.batch_size for trial in trials)
    without = replace(SIZES, libraries_bytes=10**9)
    network = replace(without, activation_bytes=1000, output_bytes=100)
    more = estimated_memory_bytes(trials, network, Fit(2, 1)) - estimated_memory_bytes(
        trials, without, Fit(2, 1)
    )
    at_once = max(batch, min(512, SIZES.examples))
    assert more == 2 * (2 * batch * 1000 + 350 * at_once)


def test_a_kernel_has_weights_and_moments_once():
    with_kernel = replace(SIZES, first_layer="kernel")
    features, batch = 100 * 1_000_000 * 2, 100 * 1_000_000 * 4
    fixed = LIBRARIES_BYTES + 1.4 * features + 2 * batch
    taken = estimated_memory_bytes(trials_of(STUDY), with_kernel, Fit(3, 1))
    assert taken == round(fixed + 3 * (1.2 + 2) * WEIGHTS)


def test_a_point_is_looked_up_once_however_many_seeds_it_has() -> None:
    study = STUDY.replace(seeds=50)
    proposals = grid(study)
    hashed: list[Point] = []

    class Counted(Point):
        def __hash__(self) -> int:
            hashed.append(self)
            return super().__hash__()

    counted = {id(each.point): Counted(each.point.pairs) for each in proposals}
    planned = plan_trials(study, [p._replace(point=counted[id(p.point)]) for p in proposals], "k")
    assert [t.fingerprint for t in planned] == [t.fingerprint for t in trials_of(study)]
    assert len(hashed) <= 2 * len(counted)  # looked for, and kept


def _start(trial: Trial) -> tuple[str, Point]:
    return trial.optimizer, trial.point


def test_proposals_that_share_no_objects_are_planned_alike() -> None:
    proposals = (p._replace(point=Point(p.point.pairs)) for p in grid(STUDY))
    planned = plan_trials(STUDY, proposals, "k")
    assert planned == trials_of(STUDY)
    assert len({id(trial.config) for trial in planned}) == len({*map(_start, planned)})
