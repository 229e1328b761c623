"""What a stored study may gain, what it may not change, and what is reused from others."""

import numpy as np
import pytest
from made_plans import cohorts_of, trials_of
from store.making import (
    KEY,
    made_failure,
    made_training,
    make_provenance,
    make_study,
    run_all,
    write_all,
)

from sweep.errors import StudyChangedError
from sweep.store import Store
from sweep.study.optimizer import Optimizer
from sweep.study.schedules import Warmup
from sweep.study.study import Study


def test_extension_trains_only_what_is_new(store: Store) -> None:
    run_all(store, make_study())
    more_rates = make_study(learning_rates=(0.01, 0.03, 0.1))
    assert run_all(store, more_rates) == 4
    assert run_all(store, make_study(seeds=3)) == 4
    new_optimizer = make_study(optimizers=("sgd", "adam"), question="And this one?")
    assert run_all(store, new_optimizer) == 4

    study = store.results("small").study
    assert study.axes[0].values == (0.01, 0.03, 0.1)
    assert study.seeds == (0, 1, 2)
    assert [optimizer.label for optimizer in study.optimizers] == ["adam", "radam", "sgd"]
    assert study.question == "And this one?"
    assert len(store.results("small").trials) == 8 + 4 + 4 + 4
    (summary,) = store.studies()
    assert (summary.planned, summary.completed) == (27, 20)


@pytest.mark.parametrize(
    ("changed", "key", "difference"),
    [
        (make_study(epochs=5), KEY, "epochs: stored 3, now 5"),
        (make_study(model={"hidden_units": 8}), KEY, "model.hidden_units: stored 256, now 8"),
        (make_study(pictures={"limit": None}), KEY, "pictures.limit: stored 2500, now None"),
        (
            make_study(
                optimizers=[Optimizer(label="adam", algorithm="adam", warmup=Warmup(steps=9))]
            ),
            KEY,
            "optimizer adam.warmup: stored None, now {'steps': 9",
        ),
        (
            make_study(optimizers=[Optimizer(label="Adam!", algorithm="adam")]),
            KEY,
            "label of an optimizer: stored 'adam', now 'Adam!'",
        ),
        (make_study(), "features-2", "stored features-1, now features-2"),
    ],
)
def test_a_changed_study_is_refused(
    store: Store, changed: Study, key: str, difference: str
) -> None:
    run_all(store, make_study())
    before = store.results("small").to_csv()
    with pytest.raises(StudyChangedError, match="--name") as caught:
        run_all(store, changed, key)
    assert difference in str(caught.value.got)
    assert store.results("small").to_csv() == before
    assert len(store.results("small").runs) == 1
    run_all(store, changed.replace(name="another"), key)


def test_finished_trials_are_copied_from_other_studies(store: Store) -> None:
    original = make_study()
    cohorts = cohorts_of(original, KEY)
    with store.run(original, make_provenance(), trials_of(original, KEY)) as writer:
        write_all(writer, made_training(cohorts[0], 3, diverging={1: 1}))
        write_all(writer, made_training(cohorts[1], 3))
        write_all(writer, made_failure(cohorts[2]))

    renamed = Optimizer(label="plain", algorithm="adam")
    study = make_study(name="second", optimizers=[renamed, "radam"])
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        assert writer.copied == 4
        assert writer.finished == store.finished("small")
        assert len(cohorts_of(study, KEY, writer.finished)) == 2
    first, second = store.results("small"), store.results("second")
    assert [trial.optimizer for trial in second.trials] == ["plain", "plain", "radam", "radam"]
    for copy, source in zip(second.trials, first.trials, strict=False):
        assert copy.copied_from == "small"
        assert str(copy.epochs) == str(source.epochs)
        assert (copy.outcome, copy.seconds) == (source.outcome, source.seconds)
        np.testing.assert_array_equal(
            store.valid_logits("second", copy.fingerprint),
            store.valid_logits("small", source.fingerprint),
        )
    assert [c.points for c in second.cohorts] == [c.points for c in first.cohorts]
    assert run_all(store, study) == 4
    third = make_study(name="third")
    assert run_all(store, third) == 0
    assert {trial.copied_from for trial in store.results("third").trials} == {"small", "second"}


def test_other_features_are_not_copied(store: Store) -> None:
    run_all(store, make_study())
    assert run_all(store, make_study(name="second"), "features-2") == 8
