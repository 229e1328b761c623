"""Imported results of a metric that is no accuracy: read, judged, told and continued."""

import json
import math

import pytest
from importing.made_tables import made_rows, write_csv
from importing.test_import import imported, refusal, settings
from typer.testing import CliRunner

from sweep.analysis.evidence import gather
from sweep.cli.app import app
from sweep.errors import StudyChangedError
from sweep.importer import Request, prepare
from sweep.report.page import render
from sweep.study.metric import Metric
from sweep.study.study import Study

LOSS = Metric(name="loss", unit="", direction="minimize", near=0.02)
__all__ = ["settings"]


def loss_rows(**made):
    """The made accuracies as losses, a training loss beside, and accuracies that do not count."""
    return [
        {**{name: it for name, it in row.items() if name != "val_acc"}, "val_loss": value}
        | {"loss": 2 * value, "val_acc": 0.5}
        for row in made_rows(**made)
        for value in [round(5 * (1 - row["val_acc"]), 4)]
    ]


def test_it_is_judged_in_its_own_direction_and_unit(settings, tmp_path):
    rows = loss_rows()
    results = imported(settings, write_csv(tmp_path / "l.csv", rows), metric=LOSS, guessing=2.3)
    evidence = gather(results)
    best = min(row["val_loss"] for row in rows)
    assert min(trial.epochs[-1].valid_accuracy for trial in results.trials) == best
    assert results.trials[0].epochs[-1].train_loss == rows[0]["loss"]
    assert "Adam is better than SGD by 0.241" in str(evidence.verdict)
    assert evidence.measures.baseline == -2.3
    assert results.rows()[0]["valid_metric"] == rows[0]["val_loss"]
    page = render(evidence, results)
    assert "loss; less is better" in page
    assert "accurac" not in page.partition('id="figures"')[0].lower()
    definition = results.study.model_dump(mode="json")
    assert Study.stored(definition) == results.study


def test_an_import_of_accuracies_is_defined_as_before(tmp_path):
    found = prepare(Request(write_csv(tmp_path / "a.csv", made_rows()), guessing=0.1))
    assert "metric" not in found.arrival.study.model_dump(mode="json")["imported"]


def test_another_import_adds_to_it_and_another_metric_is_refused(settings, tmp_path):
    few = write_csv(tmp_path / "l.csv", loss_rows(seeds=(0, 1)))
    more = write_csv(tmp_path / "more.csv", loss_rows())
    imported(settings, few, metric=LOSS)
    assert len(imported(settings, more, name="l", metric=LOSS).trials) == 24
    with pytest.raises(StudyChangedError, match="metric"):
        imported(settings, more, name="l", metric=LOSS.model_copy(update={"unit": "nats"}))


def test_diverged_trials_count_with_the_level_of_guessing(settings, tmp_path):
    rows = loss_rows()
    rows[0]["val_loss"] = math.inf
    path = write_csv(tmp_path / "l.csv", rows)
    assert "in the metric's unit, with --guessing" in refusal(path, metric=LOSS)
    results = imported(settings, path, metric=LOSS, guessing=2.3)
    assert results.trials[0].diverged_at_epoch == 1


def test_columns_are_called_after_it_or_mapped(tmp_path):
    rows = [{("mae" if key == "val_loss" else key): row[key] for key in row} for row in loss_rows()]
    path = write_csv(tmp_path / "l.csv", rows)
    error = Metric(name="mean absolute error", unit="kWh", direction="minimize", near=0.02)
    assert "--map COLUMN=valid_metric" in refusal(path, metric=error)
    found = prepare(Request(path, metric=error, columns={"mae": "valid_metric"}))
    assert found.columns.said["valid_metric"] == "mae"
    assert found.arrival.study.question.startswith("How much does the mean absolute error of")


@pytest.mark.usefixtures("settings")
def test_from_the_command_line(tmp_path):
    write_csv(tmp_path / "l.csv", loss_rows())

    def invoke(*words, status=0):
        done = CliRunner().invoke(app, ["import", "l.csv", *words, "--dry-run", "--json"])
        assert done.exit_code == status, done.output
        return json.loads(done.stdout) if not status else " ".join(done.stderr.split())

    said = invoke("--metric", "loss", "--direction", "minimize", "--near", "0.02")
    assert said["metric"] == LOSS.model_dump(exclude={"guessing"})
    assert "without --metric" in invoke("--unit", "kWh", status=2)
    assert "without --near" in invoke("--metric", "loss", status=2)
    said = invoke("--metric", "loss", "--near", "0", status=2)
    assert said.startswith("error: --near 0.0: it should be greater than 0")
    near = ["--metric", "loss", "--near", "0.02"]
    assert "say nothing of loss" in invoke(*near, "--percent", status=2)
