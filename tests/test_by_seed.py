"""Splits by seed on the whole way of the data: fingerprints, stored studies, what is said."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from small_study import SMALL
from test_pictures_told import Recorder
from test_runner import Interrupter, figures, run
from typer.testing import CliRunner

from sweep.analysis.sentences import COVERS_PICTURES
from sweep.cli.app import app
from sweep.errors import StudyChangedError
from sweep.planning.events import EpochResult
from sweep.report.method import method
from sweep.study.catalog import load
from sweep.study.study import Study
from sweep.study.tasks import Pictures
from sweep.tasks.frozen_features import resolve
from sweep.tasks.task import Places
from sweep.training.keras_runtime import load_keras
from sweep.util.progress import silent

BY_SEED = SMALL.replace(seeds=3, epochs=1, optimizers=["adam"])
OWN = BY_SEED.replace(pictures=SMALL.pictures.model_copy(update={"split": "own"}))
CAVEAT = "Standard error that is due to the choice of 12 validation examples"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory, cache):
    return run(BY_SEED, tmp_path_factory.mktemp("drawn"), cache)


@pytest.fixture(scope="module")
def fixed(tmp_path_factory, cache):
    return run(OWN, tmp_path_factory.mktemp("fixed"), cache)


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", page)


def test_the_split_is_in_the_fingerprint(drawn, fixed):
    prints = [{trial.fingerprint for trial in it.results.trials} for it in (drawn, fixed)]
    assert [len(each) for each in prints] == [6, 6]
    assert prints[0].isdisjoint(prints[1])
    assert drawn.results.dataset.valid_counts == fixed.results.dataset.valid_counts == (6, 6)
    assert drawn.results.dataset.tally.split == "by-seed"


def test_the_report_and_the_verdict_say_what_intervals_cover(drawn, fixed):
    assert COVERS_PICTURES in drawn.evidence.verdict.sentences
    assert CAVEAT not in drawn.page
    assert "whose standard error is" not in drawn.page
    assert "which examples are trained on and which are for validation" in plain(drawn.page)
    assert method(drawn.evidence.measures).covers_pictures
    assert COVERS_PICTURES not in str(fixed.evidence.verdict)
    assert COVERS_PICTURES not in fixed.page
    assert CAVEAT in fixed.page
    assert "whose standard error is" in plain(fixed.page)
    assert "by seed: each seed draws its own" in plain(drawn.page)


def test_an_interrupted_run_goes_on_to_the_same_numbers(drawn, tmp_path, cache):
    with pytest.raises(KeyboardInterrupt):
        run(BY_SEED, tmp_path, cache, Interrupter(EpochResult, 3))
    again = run(BY_SEED, tmp_path, cache)
    assert again.trained == 4
    assert figures(again.results) == figures(drawn.results)


class TestStoredStudies:
    ASKED = BY_SEED.replace(pictures=Pictures(dataset="rendered-pets", limit=60))
    """The split is left to the default."""

    def test_one_that_was_begun_with_one_split_keeps_it(self, fixed, tmp_path, cache):
        begun = run(OWN.replace(seeds=2), tmp_path, cache)
        listener = Recorder()
        more = run(self.ASKED, tmp_path, cache, listener)
        assert (begun.trained, more.trained) == (4, 2)
        assert more.results.study.pictures.split == "own"
        assert figures(more.results) == figures(fixed.results)
        (text,) = (text for kind, text in listener.said if kind == "notice")
        assert text == (
            f"{OWN.name} goes on as it was begun, with split 'own' (now the default is 'by-seed')."
        )

    def test_another_split_asked_for_is_another_study(self, tmp_path, cache):
        run(OWN.replace(seeds=1), tmp_path, cache)
        asked = BY_SEED.pictures.model_copy(update={"split": "by-seed"})
        with pytest.raises(StudyChangedError, match="split: stored 'own', now 'by-seed'"):
            run(BY_SEED.replace(pictures=asked), tmp_path, cache)

    def test_a_definition_of_0_1_has_one_split(self):
        definition = SMALL.model_dump(mode="json")
        del definition["pictures"]["split"]
        assert Study.stored(definition).pictures.split == "own"


@pytest.mark.parametrize("name", ["lr-robustness", "batch-size", "beta2", "weight-decay"])
def test_the_built_in_studies_split_by_seed(name):
    pictures = load(name, {}).pictures
    assert pictures.split == "by-seed"
    assert "split" not in pictures.model_fields_set, "so that a stored one goes on as it was begun"


def test_features_are_those_of_the_pool_once_scaled_by_all_of_it(cache):
    task = resolve(BY_SEED, Places(None, None, cache))
    data = task.load(lambda: load_keras("tensorflow"), silent)
    assert data.features_NF.shape[0] == len(data.labels_N) == 60
    # float16 has 11 bits, so each feature is off by at most 2⁻¹¹ of itself.
    assert np.sqrt(np.square(data.features_NF.astype(float)).mean()) == pytest.approx(1, abs=5e-4)
    assert len(data.rows(0).train) == data.train_count == 48


def test_commands_say_which(tmp_path, monkeypatch, cache):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(cache))

    def told(*arguments) -> dict:
        done = CliRunner().invoke(app, [*arguments, "--data", "rendered-pets", "--json"])
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)

    few = ("--pictures", "60")
    assert told("data", "check", *few)["split"] == "by-seed"
    assert told("data", "check", *few, "--split", "own")["split"] == "own"
    assert told("plan", "lr-robustness", *few)["account"]["split"] == "by-seed"
    assert told("plan", "lr-robustness", *few, "--split", "own")["account"]["split"] == "own"
    assert not Path("sweep.db").exists()
