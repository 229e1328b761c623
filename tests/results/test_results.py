"""Stored records as rows, files and the grid of arrays."""

import csv
import dataclasses
import io
import json
import math

import numpy as np
import pytest
from made_metrics import own_results, own_study
from made_results import made_results, made_study

from sweep.analysis.collect import grid_of
from sweep.analysis.measures import measure
from sweep.results.records import EpochRecord, Outcome, TrialRecord
from sweep.results.results import Results
from sweep.study.axis import Axis, Point
from sweep.study.metric import Metric

STUDY = made_study(optimizers=2, rates=2, seeds=3, epochs=2)


def made_trial(number, optimizer="radam", rate=0, seed=0, outcome=Outcome.COMPLETED, **more):
    epochs = tuple(
        EpochRecord(epoch, 0.7 - 0.1 * epoch, 0.5, 0.8, 0.5 + 0.1 * epoch, math.nan)
        for epoch in range(3)
    )
    values = {"diverged_at_epoch": None, "seconds": 2.0, "epochs": epochs}
    point = Point.of({"learning_rate": STUDY.axes[0].values[rate]})
    return TrialRecord(number, optimizer, point, seed, f"{number:032x}", outcome, **(values | more))


def results_of(*trials, cohorts=()):
    return Results(STUDY, made_results(STUDY).runs, trials, tuple(cohorts))


def test_grid_is_in_the_studys_order():
    results = made_results(STUDY, diverge_above=math.inf)
    shuffled = dataclasses.replace(results, trials=results.trials[::-1])
    grid = grid_of(shuffled)
    assert grid.optimizers == ("radam", "adam")
    assert grid.values_N.tolist() == list(STUDY.axes[0].values)
    assert grid.seeds == (0, 1, 2)
    assert grid.hyperparameter == "learning rate"
    assert (grid.baseline, grid.valid_examples, grid.epochs) == (0.5, 500, 2)
    for trial in results.trials:
        at = (
            grid.optimizers.index(trial.optimizer),
            STUDY.axes[0].values.index(trial.point["learning_rate"]),
            trial.seed,
        )
        assert grid.valid_accuracy_ONSE[at].tolist() == [e.valid_accuracy for e in trial.epochs]
        assert grid.train_loss_ONSE[at].tolist() == [e.train_loss for e in trial.epochs]
        assert grid.seconds_ONS[at] == trial.seconds


def test_what_is_not_finished_is_missing_not_zero():
    grid = grid_of(
        results_of(
            made_trial(0, seed=0),
            made_trial(1, seed=1, outcome=Outcome.FAILED, error="broken"),
            made_trial(2, seed=2, outcome=None, seconds=None),
        )
    )
    assert grid.finished_ONS[0, 0].tolist() == [True, False, False]
    assert np.isnan(grid.valid_accuracy_ONSE[0, 0, 1:]).all()
    assert np.isnan(grid.valid_accuracy_ONSE[1]).all()


@pytest.mark.parametrize("finished_first", [True, False])
def test_finished_trial_counts_beside_failed_attempts(finished_first):
    finished = made_trial(0, seconds=3.0)
    failed = made_trial(1, outcome=Outcome.FAILED, epochs=(), seconds=9.0)
    trials = (finished, failed) if finished_first else (failed, finished)
    grid = grid_of(results_of(*trials))
    assert grid.finished_ONS[0, 0, 0]
    assert grid.seconds_ONS[0, 0, 0] == 3.0
    assert grid.valid_accuracy_ONSE[0, 0, 0].tolist() == pytest.approx([0.5, 0.6, 0.7])


def test_diverged_trial_ends_where_it_diverged():
    last = EpochRecord(1, math.inf, 0.5, math.nan, math.nan, 0.1)
    epochs = (EpochRecord(0, 0.7, 0.5, 0.8, 0.45, math.nan), last)
    diverged = made_trial(0, outcome=Outcome.DIVERGED, diverged_at_epoch=1, epochs=epochs)
    grid = grid_of(results_of(diverged))
    assert grid.finished_ONS[0, 0, 0]
    assert grid.diverged_at_epoch_ONS[0, 0, 0] == 1
    assert grid.train_loss_ONSE[0, 0, 0, 1] == math.inf
    assert math.isnan(grid.train_loss_ONSE[0, 0, 0, 2])
    assert grid.counted_accuracy()[0, 0, 0].tolist() == [0.45, 0.45, 0.45]


def test_trials_of_no_place_in_the_study_are_left_out():
    grid = grid_of(results_of(made_trial(0, optimizer="lion"), made_trial(1, seed=77)))
    assert not grid.finished_ONS.any()


def test_memory_is_shared_by_the_trials_of_a_cohort():
    results = made_results(STUDY)
    cohort, other = results.cohorts[0], results.cohorts[2]
    assert (cohort.optimizer, other.optimizer, other.seed) == ("radam", "radam", 1)
    split = dataclasses.replace(
        cohort,
        points=cohort.points[:1],
        fingerprints=cohort.fingerprints[:1],
        memory_bytes=900,
    )
    untold = dataclasses.replace(other, memory_bytes=None)
    whole = dataclasses.replace(cohort, memory_bytes=1000)
    memory = grid_of(results_of(*results.trials, cohorts=(whole, split, untold))).memory_bytes_ONS
    assert memory[0, :, 0].tolist() == [900, 500]
    assert np.isnan(memory[0, :, 1]).all()


def test_study_without_a_run_has_an_empty_grid():
    grid = grid_of(Results(STUDY, (), (), ()))
    assert not grid.finished_ONS.any()
    assert measure(grid).dropped == ("No trial is finished yet.",)


def test_rows_have_the_documented_columns():
    results = made_results(STUDY, running=(5,))
    assert all(tuple(row) == results.columns() for row in results.rows())
    assert all(tuple(row) == results.columns(epochs=True) for row in results.epoch_rows())
    assert results.rows()[-1]["outcome"] == "running"
    assert len(results.epoch_rows()) == sum(len(trial.epochs) for trial in results.trials)


def test_swept_epochs_have_one_column_with_the_points_value():
    axes = (Axis(name="epochs", values=(2, 4)),)
    study = STUDY.replace(axes=axes, base={"learning_rate": 0.01})
    results = made_results(study, diverge_above=0.0, diverge_share=1.0)
    assert results.columns()[:4] == ("trial", "optimizer", "epochs", "seed")
    assert results.columns().count("epochs") == 1
    for row, trial in zip(results.rows(), results.trials, strict=True):
        assert tuple(row) == results.columns()
        assert row["epochs"] == trial.point["epochs"]


def test_row_of_a_trial_tells_its_last_and_its_best():
    epochs = tuple(
        EpochRecord(epoch, 0.5, 0.6, 0.7, accuracy, 0.1)
        for epoch, accuracy in enumerate([0.5, 0.9, math.nan, 0.8])
    )
    row = results_of(made_trial(0, epochs=epochs)).rows()[0]
    assert (row["epochs"], row["valid_accuracy"], row["best_valid_accuracy"]) == (3, 0.8, 0.9)
    empty = results_of(made_trial(0, epochs=(), outcome=Outcome.FAILED)).rows()[0]
    assert (empty["epochs"], empty["valid_accuracy"]) == (0, None)


def test_csv_is_read_back():
    results = made_results(STUDY)
    rows = list(csv.DictReader(io.StringIO(results.to_csv())))
    assert [float(row["learning_rate"]) for row in rows] == [
        trial.point["learning_rate"] for trial in results.trials
    ]
    epochs = list(csv.DictReader(io.StringIO(results.to_csv(epochs=True))))
    assert epochs[0]["effective_learning_rate"] == "nan"


def test_json_has_words_for_what_is_no_number():
    epochs = (EpochRecord(0, math.inf, 0.5, -math.inf, math.nan, math.nan),)
    rows = json.loads(results_of(made_trial(0, epochs=epochs)).to_json())
    assert [rows[0][name] for name in ("train_loss", "valid_loss", "valid_accuracy")] == [
        "Infinity",
        "-Infinity",
        "NaN",
    ]


def test_frames_hold_the_rows():
    results = made_results(STUDY)
    pandas, polars = results.to_pandas(), results.to_polars(epochs=True)
    assert tuple(pandas.columns) == results.columns()
    assert len(pandas) == len(results.trials)
    assert tuple(polars.columns) == results.columns(epochs=True)
    assert polars.height == len(results.epoch_rows())


def test_columns_have_the_metrics_name_and_nothing_of_what_is_never_reported():
    results = own_results()
    (row, *_) = rows = results.rows()
    assert results.columns() == tuple(row)
    figures = ("valid_mean_absolute_error", "best_valid_mean_absolute_error")
    assert {*figures, "train_mean_absolute_error"} < row.keys()
    assert not [name for name in row if "accuracy" in name]
    assert {row["train_mean_absolute_error"] for row in rows} == {None}
    assert {row["valid_loss"] for row in results.epoch_rows()} == {None}
    values = [epoch.valid_accuracy for epoch in results.trials[0].epochs]
    assert row["best_valid_mean_absolute_error"] == min(values)
    assert f",{row['valid_mean_absolute_error']}," in results.to_csv()


@pytest.mark.parametrize(
    ("name", "column"),
    [("accuracy", "valid_accuracy"), ("Top-1 %", "valid_top_1"), ("loss", "valid_metric")],
)
def test_columns_of_a_metric_are_words_of_their_own(name, column):
    results = own_results(own_study(Metric(name=name)))
    assert column in results.columns()
    assert len({*results.columns()}) == len(results.columns())
