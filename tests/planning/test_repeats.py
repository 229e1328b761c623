"""What is trained once more to measure rounding: the same trials in smaller cohorts, once."""

from made_plans import cohorts_of, trials_of
from store.making import made_failure, made_training, make_study

from sweep.planning.repeats import repeat_cohorts, repeats

STUDY = make_study(learning_rates=(0.003, 0.01, 0.03, 0.1, 0.3), seeds=3)
TRIALS = trials_of(STUDY)
TRAINED = [[trial.fingerprint for trial in cohort.trials] for cohort in cohorts_of(STUDY)]


def sizes(cohorts):
    return [(cohort.optimizer, cohort.seed, len(cohort.trials)) for cohort in cohorts]


def test_a_cohort_is_repeated_by_halves_for_the_seeds_that_are_asked_for():
    cohorts = repeat_cohorts(TRIALS, TRAINED, seeds=(0,))
    assert sizes(cohorts) == [("adam", 0, 3), ("adam", 0, 2), ("radam", 0, 3), ("radam", 0, 2)]
    assert len(repeat_cohorts(TRIALS, TRAINED, seeds=(0, 2))) == 8


def test_what_was_repeated_is_not_again():
    first, *_ = repeat_cohorts(TRIALS, TRAINED, seeds=(0,))
    done = {trial.fingerprint for trial in first.trials}
    rest = repeat_cohorts(TRIALS, TRAINED, (0,), done)
    assert sizes(rest) == [("adam", 0, 2), ("radam", 0, 3), ("radam", 0, 2)]


def test_what_was_trained_in_parts_is_repeated_in_smaller_ones_and_what_was_alone_is_not():
    whole = TRAINED[0]
    cohorts = repeat_cohorts(TRIALS, [whole[:4], whole[4:]], seeds=(0,))
    assert sizes(cohorts) == [("adam", 0, 2), ("adam", 0, 2)]


def test_a_record_says_where_a_trial_ended_and_what_failed_has_none():
    cohort, other, *_ = repeat_cohorts(TRIALS, TRAINED, seeds=(0,))
    events = [*made_failure(other), *made_training(cohort, 3, diverging={1: 2})]
    (repeat,) = repeats(events)
    assert [record.fingerprint for record in repeat.records] == [
        trial.fingerprint for trial in cohort.trials
    ]
    assert [record.has_diverged for record in repeat.records] == [False, True, False]
    # The made accuracy is 0.5 + 0.01 an epoch + 0.001 a place in the cohort.
    assert [round(record.valid_accuracy, 6) for record in repeat.records] == [0.53, 0.521, 0.532]
