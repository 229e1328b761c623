"""What is trained once more to measure rounding: the same trials, rounded otherwise, once."""

from made_plans import cohorts_of, trials_of
from store.making import made_failure, made_training, make_study

from sweep.planning.repeats import repeat_cohorts, repeats
from sweep.results.records import CohortRecord

STUDY = make_study(learning_rates=(0.003, 0.01, 0.03, 0.1, 0.3), seeds=3)
TRIALS = trials_of(STUDY)


def trained(study=STUDY, **provenance):
    return [
        CohortRecord(
            cohort.optimizer,
            cohort.seed,
            cohort.points,
            tuple(trial.fingerprint for trial in cohort.trials),
            *(3.0, 10, None),
            provenance,
        )
        for cohort in cohorts_of(study)
    ]


def sizes(cohorts):
    return [(each.optimizer, each.seed, len(each.trials), each.micro_batches) for each in cohorts]


def test_a_cohort_is_repeated_with_batches_in_parts_for_the_seeds_that_are_asked_for():
    cohorts = repeat_cohorts(TRIALS, trained(), seeds=(0,))
    assert sizes(cohorts) == [("adam", 0, 5, 2), ("radam", 0, 5, 2)]
    assert len(repeat_cohorts(TRIALS, trained(), seeds=(0, 2))) == 4


def test_what_was_repeated_is_not_again():
    first, *_ = repeat_cohorts(TRIALS, trained(), seeds=(0,))
    done = {trial.fingerprint for trial in first.trials[:3]}
    rest = repeat_cohorts(TRIALS, trained(), (0,), done)
    assert sizes(rest) == [("adam", 0, 2, 2), ("radam", 0, 5, 2)]


def test_what_was_trained_in_parts_is_repeated_in_more_of_them_as_far_as_there_are():
    cohorts = repeat_cohorts(TRIALS, trained(micro_batches=4), seeds=(0,))
    assert {cohort.micro_batches for cohort in cohorts} == {8}
    one = STUDY.replace(batch_size=1)
    assert repeat_cohorts(trials_of(one), trained(one), seeds=(0,)) == ()


def test_a_record_says_where_a_trial_ended_and_what_failed_is_told():
    cohort, other, *_ = repeat_cohorts(TRIALS, trained(), seeds=(0,))
    events = [*made_failure(other), *made_training(cohort, 3, diverging={1: 2})]
    failed, repeat = repeats(events)
    assert failed.cohort == other
    assert failed.error.endswith("no such thing")
    assert [record.fingerprint for record in repeat.records] == [
        trial.fingerprint for trial in cohort.trials
    ]
    assert [record.has_diverged for record in repeat.records[:3]] == [False, True, False]
    # The made accuracy is 0.5 + 0.01 an epoch + 0.001 a place in the cohort.
    ends = [round(record.valid_accuracy, 6) for record in repeat.records[:3]]
    assert ends == [0.53, 0.521, 0.532]
