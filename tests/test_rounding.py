"""Trials that are trained once more: kept apart from the trials, and told of."""

import json
import re
from itertools import chain

import pytest
from made_plans import cohorts_of, trials_of
from small_study import SMALL
from store.making import KEY, made_failure, made_training, make_provenance, make_study, run_all
from test_runner import figures, settings_in

from sweep import runner
from sweep.analysis.evidence import gather
from sweep.cli.answer import show_run
from sweep.planning.repeats import repeats
from sweep.report.page import render
from sweep.run_options import RunOptions
from sweep.store import open_store
from sweep.tasks.task import Places

STUDY = SMALL.replace(optimizers=["adam"], seeds=3, epochs=1)


def run(folder, cache, **options):
    places = Places(None, None, cache)
    settings, asked = settings_in(folder, cache), RunOptions(**options)
    return runner.run(STUDY, places, settings, command="a test", options=asked)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """A run without, and the same run continued with."""
    folder, cache = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("cache")
    plain = run(folder, cache)
    return plain, run(folder, cache, measure_rounding=2), run(folder, cache, measure_rounding=2)


def test_repeats_are_no_trials(outcomes):
    plain, measured, again = outcomes
    assert figures(measured.results) == figures(plain.results)
    assert measured.trained == 0
    assert [len(outcome.results.repeats) for outcome in outcomes] == [0, 4, 4]
    of_two_seeds = {trial.fingerprint for trial in plain.results.trials if trial.seed < 2}
    assert {each.fingerprint for each in measured.results.repeats} == of_two_seeds
    assert again.results.repeats == measured.results.repeats, "none is trained a third time"


def test_it_is_told(outcomes):
    plain, measured, _ = outcomes
    assert "was not measured" in re.sub(r"\s+", " ", plain.page)
    assert "trained twice)" not in plain.page
    assert "was not measured" not in re.sub(r"\s+", " ", measured.page)
    assert "(2 trials trained twice)." in str(measured.evidence.verdict)
    assert measured.page.count("(2 trials trained twice)") >= 2, "beside the verdict, in the method"
    assert 'id="rounding"' in measured.page


@pytest.fixture
def stored(tmp_path):
    """A store with a finished study, of which one cohort was trained once more."""
    study = make_study()
    store = open_store(f"sqlite:///{tmp_path}/sweep.db", create=True)
    run_all(store, study)
    (cohort, *_) = cohorts_of(study, KEY)
    (repeat,) = repeats(made_training(cohort, study.epochs))
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        writer.keep(repeat)
    yield store, repeat
    store.close()


def test_the_store_is_whole_and_they_go_where_it_goes(stored, tmp_path):
    store, repeat = stored
    assert store.check() == ()
    assert store.results("small").repeats == repeat.records
    assert len(store.results("small").cohorts) == 4, "no cohort of trials"
    store.export(tmp_path / "folder", "csv")
    with open_store(f"sqlite:///{tmp_path}/other.db", create=True) as other:
        other.import_from(tmp_path / "folder")
        assert other.check() == ()
        assert other.results("small").repeats == repeat.records


@pytest.fixture
def with_failure(tmp_path):
    """A store with a finished study, of which two cohorts failed as they were trained once more."""
    study = make_study()
    with open_store(f"sqlite:///{tmp_path}/sweep.db", create=True) as store:
        run_all(store, study)
        again(store, study, *(made_failure(cohort) for cohort in cohorts_of(study, KEY)[:2]))
        yield store, study


def again(store, study, *events):
    """A run that trains some of a study's trials once more."""
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        for repeat in repeats(chain(*events)):
            writer.keep(repeat)


def test_what_failed_is_told_until_it_is_made_up_for(with_failure, tmp_path):
    store, study = with_failure
    first, second, *_ = cohorts_of(study, KEY)
    assert store.check() == ()
    failed = store.results("small").failed_repeats
    assert [len(each.fingerprints) for each in failed] == [len(first.trials), len(second.trials)]
    store.export(tmp_path / "folder", "csv")
    with open_store(f"sqlite:///{tmp_path}/other.db", create=True) as other:
        other.import_from(tmp_path / "folder")
        assert other.results("small").failed_repeats == failed
    again(store, study, made_failure(second), made_training(first, study.epochs))
    (left,) = store.results("small").failed_repeats
    assert {*left.fingerprints} == {trial.fingerprint for trial in second.trials}
    again(store, study, made_training(second, study.epochs))
    assert store.results("small").failed_repeats == ()
    assert len(store.results("small").cohorts) == 4


def test_the_report_says_how_many_failed_and_why(with_failure):
    store, _ = with_failure
    results = store.results("small")
    count = sum(len(each.fingerprints) for each in results.failed_repeats)
    page = render(gather(results), results)
    said = f"To measure rounding, {count} trials could not be trained once more: ValueError: no"
    assert said in re.sub(r"\s+", " ", page)


def test_the_run_says_it_too(with_failure, tmp_path, capsys):
    store, _ = with_failure
    results = store.results("small")
    outcome = runner.RunOutcome(
        results, gather(results), "", 0, 0, 0, failed_repeats=results.failed_repeats
    )
    assert outcome.has_failures
    show_run(outcome, tmp_path / "page.html", as_json=True)
    told = json.loads(capsys.readouterr().out)["failed_repeats"]
    assert [each["error"] for each in told] == ["ValueError: no such thing"] * 2
    show_run(outcome, tmp_path / "page.html", as_json=False)
    assert "could not be trained once more" in re.sub(r"\s+", " ", capsys.readouterr().err)


def test_they_are_forgotten_with_their_study(stored):
    store, _ = stored
    store.forget("small")
    run_all(store, make_study())
    assert store.results("small").repeats == ()
