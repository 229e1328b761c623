"""Results of other programs become studies: what is read, what is refused, what is stored."""

import json
import math
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from importing.made_tables import LABELS, RATES, made_rows, renamed, write_csv
from made_results import made_results
from store.making import make_study, run_all

from sweep.analysis.evidence import gather
from sweep.errors import StoreBusyError, UsageError
from sweep.importer import Request, check_name, prepare, store
from sweep.importing.definition import PREFIX
from sweep.report.page import render
from sweep.results.results import Results
from sweep.settings import Settings, from_environment
from sweep.store import open_store
from sweep.store.asked import asked_study
from sweep.store.database import Database


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return from_environment(f"sqlite:///{tmp_path / 'imported.db'}")


def imported(settings: Settings, path: Path, **how) -> Results:
    """What the store has of a file's study after its import."""
    done = store(prepare(Request(path, **how)), settings)
    with closing(open_store(settings.store_url)) as opened:
        assert opened.check() == ()
    return done.results


def refusal(path: Path, **how) -> str:
    with pytest.raises(UsageError) as error:
        prepare(Request(path, **how))
    return str(error.value)


def test_a_table_is_a_study_whose_measures_are_those_of_its_numbers(settings, tmp_path):
    rows = made_rows()
    results = imported(settings, write_csv(tmp_path / "resnets.csv", rows), guessing=0.1)
    assert results.study.name == "resnets"
    assert [trial.fingerprint[: len(PREFIX)] for trial in results.trials] == [PREFIX] * len(rows)
    measures = gather(results).measures
    table = np.array([row["val_acc"] for row in rows]).reshape(len(LABELS), len(RATES), -1)
    # The trapezoid rule on equal distances of log10: the ends count half.
    expected = table.mean(axis=2) @ np.array([0.25, 0.5, 0.25])
    assert measures.optimizers == ("Adam", "SGD")
    np.testing.assert_allclose(measures.mean_accuracy_O.value, expected, rtol=1e-12)
    assert measures.has_intervals
    assert measures.baseline == 0.1


def test_what_a_file_cannot_tell_is_unknown_everywhere(settings, tmp_path):
    results = imported(settings, write_csv(tmp_path / "resnets.csv", made_rows()))
    evidence = gather(results)
    measures = evidence.measures
    for unknown in (measures.failure_share_O, measures.sensitivity_O, measures.seconds.mean_O):
        assert np.isnan(unknown.value).all()
    assert np.isnan(measures.convergence.target)
    assert np.isnan(measures.sampling_error_ON).all()
    (row, *_) = results.rows()
    assert [row[name] for name in ("train_loss", "epochs", "seconds")] == [None] * 3
    said = str(evidence.verdict)
    assert "Who converges faster is not known" in said
    assert "Time and memory of a trial were not measured" in said
    page = render(evidence, results)
    for absent in ('id="curves"', 'id="heatmap"', 'id="effective-rate"', '"training loss"]'):
        assert absent not in page.partition("<script>")[0]
    assert "sweep has trained none of them" in page
    assert "How many validation examples there are is not known" in page
    for made_up in ("vgg16", "imagenet", "dogs-vs-cats", "frozen backbone", "batch size", " nan"):
        assert made_up not in page.partition('id="figures"')[0]
    for about_a_run in ("majority-class", "--measure-rounding"):
        assert about_a_run not in page
    definition = results.study.model_dump(mode="json")
    assert not {"pictures", "model", "batch_size", "base"} & definition.keys()


def test_its_epochs_are_curves_and_convergence(settings, tmp_path):
    path = write_csv(tmp_path / "runs.csv", made_rows(epochs=3))
    results = imported(settings, path, guessing=0.5)
    measures = gather(results).measures
    assert results.study.epochs == 3
    assert measures.convergence.epochs_ON[0, 0] == pytest.approx(1.28, abs=0.01)
    assert [epoch["train_loss"] for epoch in results.epoch_rows()[:3]] == [1, 0.5, 0.333]


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet", ".json"])
def test_all_formats_say_the_same(settings, tmp_path, ending):
    rows = made_rows(seeds=(0, 7))
    rows[3]["val_acc"] = math.nan
    path = tmp_path / f"runs{ending}"
    if ending == ".csv":
        write_csv(path, rows, delimiter=";")
    elif ending == ".parquet":
        arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        parquet.write_table(arrow.Table.from_pylist(rows), path)
    elif ending == ".jsonl":
        path.write_text("\n".join(map(json.dumps, rows)) + "\n")
    else:
        nested = [{"config": {"lr": row.pop("lr")}, **row} for row in rows]
        path.write_text(json.dumps(nested))
    results = imported(settings, path, guessing=0.1)
    assert [trial.outcome for trial in results.trials].count("diverged") == 1
    assert [trial.epochs[0].valid_accuracy for trial in results.trials[:2]] == [
        row["val_acc"] for row in rows[:2]
    ]


def test_exports_of_wandb_and_mlflow_are_read_as_they_are(settings, tmp_path):
    rows = made_rows(seeds=(1, 2, 3))
    wandb = [
        {"Name": f"run-{n}", "State": "finished", **row, "_step": 390, "Runtime": 61}
        for n, row in enumerate(rows)
    ]
    wandb.append(wandb[0] | {"Name": "run-99", "State": "crashed", "val_acc": ""})
    names = {"val_acc": "val_accuracy", "lr": "config.lr"}
    of_wandb = imported(settings, write_csv(tmp_path / "wandb.csv", renamed(wandb, names)))
    mlflow = [{"run_id": f"{n:032x}", "status": "FINISHED", **row} for n, row in enumerate(rows)]
    names = {
        "lr": "params.lr",
        "seed": "params.seed",
        "optimizer": "params.optimizer",
        "val_acc": "metrics.val_acc",
    }
    of_mlflow = imported(settings, write_csv(tmp_path / "mlflow.csv", renamed(mlflow, names)))
    for one, other in zip(of_wandb.trials, of_mlflow.trials, strict=True):
        assert (one.optimizer, one.point, one.seed) == (other.optimizer, other.point, other.seed)
        assert one.epochs[0].valid_accuracy == other.epochs[0].valid_accuracy
    file = of_wandb.runs[0].provenance.file
    assert file is not None
    assert file.columns["learning_rate"] == "config.lr"
    assert "Rows of trials without a result (State), left out: 1." in " ".join(file.notes)


def test_a_history_with_steps_and_rows_without_accuracy(tmp_path):
    rows = [row | {"_step": 100 * row.pop("epoch")} for row in made_rows(epochs=2)]
    between = [row | {"_step": row["_step"] - 50, "val_acc": ""} for row in rows]
    path = write_csv(tmp_path / "history.csv", [*rows, *between])
    prepared = prepare(Request(path))
    assert prepared.found.epochs == 2
    said = " ".join(prepared.found.notes)
    assert f"Rows without val_acc, left out: {len(between)}." in said
    assert "Its steps 100 to 200 are epochs 1 to 2 here" in said


def test_sweeps_own_export_comes_back_with_the_same_measures(settings, tmp_path):
    original = made_results()
    path = tmp_path / "exported.csv"
    path.write_text(original.to_csv(epochs=True))
    # Balanced classes, of which guessing gets half right.
    again = gather(imported(settings, path, guessing=0.5)).measures
    before = gather(original).measures
    for name in ("mean_accuracy_O", "worst_accuracy_O", "spread_O", "failure_share_O"):
        one, other = getattr(before, name), getattr(again, name)
        np.testing.assert_allclose(one.value, other.value, rtol=1e-12)
        np.testing.assert_allclose(one.low, other.low, rtol=1e-9)
    np.testing.assert_allclose(
        before.convergence.mean_epochs_O.value, again.convergence.mean_epochs_O.value, rtol=1e-12
    )


def test_percent_is_seen_and_said(tmp_path):
    rows = [row | {"val_acc": round(100 * row["val_acc"], 2)} for row in made_rows()]
    prepared = prepare(Request(write_csv(tmp_path / "percent.csv", rows)))
    assert "Accuracies are in percent there." in prepared.found.notes
    assert prepared.found.courses[0].epochs[0].valid_accuracy == pytest.approx(0.9, abs=0.02)
    said = refusal(write_csv(tmp_path / "percent.csv", rows), percent=False)
    assert "say --percent" in said


def test_another_import_adds_what_is_new_and_nothing_else(settings, tmp_path):
    path = write_csv(tmp_path / "runs.csv", made_rows())
    first = store(prepare(Request(path, guessing=0.1)), settings).imports
    again = store(prepare(Request(path)), settings).imports
    assert (first.added, again.added, again.known) == (24, 0, 24)
    more = write_csv(tmp_path / "more.csv", made_rows(seeds=range(6)))
    added = store(prepare(Request(more, name="runs")), settings).imports
    assert (added.added, added.known) == (12, 24)
    assert added.study.seeds == tuple(range(6))
    assert added.study.imported is not None
    assert added.study.imported.guessing == 0.1
    with closing(open_store(settings.store_url)) as opened:
        results = opened.results("runs")
        assert len(results.runs) == 2  # that which added nothing is no run
        assert [look.seeds for look in results.looks] == [4, 6]
        assert opened.check() == ()


def test_the_answer_is_shown_in_optuna_dashboard_too(settings, tmp_path):
    results = imported(settings, write_csv(tmp_path / "runs.csv", made_rows()), question="Why?")
    with closing(open_store(settings.store_url)) as opened:
        storage = opened.optuna_storage()
        (study,) = storage.get_all_studies()
        attributes = storage.get_study_system_attrs(study._study_id)
    (note,) = (text for key, text in attributes.items() if key.startswith("dashboard:note_str"))
    assert note.startswith("## Why?")
    assert gather(results).verdict.headline.split()[0] in note
    (artifact,) = settings.artifacts.iterdir()
    assert "sweep has trained none of them" in artifact.read_text(encoding="utf-8")


def test_other_values_of_a_trial_are_refused_and_nothing_is_stored(settings, tmp_path):
    store(prepare(Request(write_csv(tmp_path / "runs.csv", made_rows()))), settings)
    rows = made_rows(seeds=range(5))
    rows[7]["val_acc"] = 0.123
    changed = prepare(Request(write_csv(tmp_path / "changed.csv", rows), name="runs"))
    with pytest.raises(UsageError) as error:
        store(changed, settings)
    assert "line 9: adam, learning rate 0.01, seed 2" in str(error.value)
    with closing(open_store(settings.store_url)) as opened:
        assert opened.results("runs").study.seeds == (0, 1, 2, 3)


def test_wrong_rows_are_named_by_line_and_column(tmp_path):
    rows = made_rows()
    rows[0]["lr"] = "fast"
    rows[2]["seed"] = 1.5
    rows[4]["val_acc"] = 1.7
    rows[5]["optimizer"] = ""
    rows[6] = rows[7] | {"val_acc": 0.5}
    said = refusal(write_csv(tmp_path / "runs.csv", rows))
    for part in (
        "line 2, column lr: 'fast' is no number",
        "line 4, column seed: '1.5' is no whole number",
        "line 6, column val_acc: 1.7 is not from 0 to 1",
        "line 7, column optimizer: there is nothing",
        "says otherwise than line 8",
    ):
        assert part.replace("line 8", "line") in said
    rows[0]["lr"] = "0,1"
    said = refusal(write_csv(tmp_path / "runs.csv", rows))
    assert "'0,1' is no number; decimals are written with a point, as in 0.003" in said
    rows = [row | {"lr": -1} for row in made_rows()]
    assert "… (24 lines in all)" in refusal(write_csv(tmp_path / "runs.csv", rows))


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-16", "no text in UTF-8, but in UTF-16"), ("latin-1", "no text in")]
)
def test_text_in_another_encoding_is_told(encoding, said, tmp_path):
    path = write_csv(tmp_path / "runs.csv", [row | {"note": "é"} for row in made_rows()])
    path.write_bytes(path.read_text("utf-8").encode(encoding))
    told = refusal(path)
    assert said in told
    assert "codec" not in told


def test_an_empty_name_is_refused(tmp_path):
    assert "--name is empty" in refusal(write_csv(tmp_path / "runs.csv", made_rows()), name=" ")


def test_a_rehearsal_refuses_the_name_of_a_trained_study_as_the_import_does(settings, tmp_path):
    prepared = prepare(Request(write_csv(tmp_path / "small.csv", made_rows())))
    check_name(prepared, settings)
    with closing(open_store(settings.store_url, create=True)) as opened:
        run_all(opened, make_study(name="small"))
    for do in (check_name, store):
        with pytest.raises(UsageError, match="sweep has trained small"):
            do(prepared, settings)


def test_columns_that_are_missing_or_not_clear_say_how_to_mend_it(tmp_path):
    rows = renamed(made_rows(), {"val_acc": "top_one", "seed": "seeed"})
    said = refusal(write_csv(tmp_path / "runs.csv", rows))
    assert "--map seeed=seed" in said
    said = refusal(tmp_path / "runs.csv", columns={"seeed": "seed"})
    assert "no column is valid_accuracy: there are optimizer, lr, seeed, top_one" in said
    assert "=valid_accuracy" in said
    found = prepare(
        Request(tmp_path / "runs.csv", columns={"seeed": "seed", "top_one": "valid_accuracy"})
    )
    assert len(found.found.courses) == 24
    assert "did you mean seeed" in refusal(tmp_path / "runs.csv", columns={"seed": "seed"})
    assert "did you mean learning_rate" in refusal(
        tmp_path / "runs.csv", columns={"seeed": "seed", "lr": "learning_rat"}
    )
    rows = [row | {"test_acc": 0.5} for row in made_rows()]
    said = refusal(write_csv(tmp_path / "runs.csv", rows))
    assert "val_acc, test_acc may each be valid_accuracy" in said
    assert "--map val_acc=valid_accuracy" in said


def test_a_hyperparameter_of_any_name_and_an_optimizer_without_a_column(settings, tmp_path):
    rows = [
        {"p_drop": row["lr"], "seed": row["seed"], "acc": row["val_acc"]}
        for row in made_rows()
        if row["optimizer"] == "adam"
    ]
    path = write_csv(tmp_path / "dropout.csv", rows)
    results = imported(settings, path, columns={"p_drop": "optimizer.dropout"}, optimizer="adam")
    assert results.study.axes[0].words == "dropout"
    assert gather(results).verdict.headline


def test_a_diverged_trial_needs_the_level_of_guessing(tmp_path):
    rows = made_rows()
    rows[0]["val_acc"] = "nan"
    path = write_csv(tmp_path / "runs.csv", rows)
    assert "--guessing" in refusal(path)
    assert prepare(Request(path, guessing=0.1)).found.courses[0].diverged_at_epoch == 1


def test_it_cannot_be_trained(settings, tmp_path):
    imported(settings, write_csv(tmp_path / "runs.csv", made_rows()))
    with pytest.raises(UsageError, match="cannot be trained"):
        asked_study("runs", {}, settings)


def test_a_trained_study_takes_no_imported_trials(settings, tmp_path):
    with closing(open_store(settings.store_url, create=True)) as opened:
        run_all(opened, make_study(name="runs"))
    prepared = prepare(Request(write_csv(tmp_path / "runs.csv", made_rows())))
    with pytest.raises(UsageError, match="sweep has trained runs"):
        store(prepared, settings)


def test_a_study_that_is_written_to_is_left_alone(settings, tmp_path):
    prepared = prepare(Request(write_csv(tmp_path / "runs.csv", made_rows())))
    database = Database(settings.store_url, create=True)
    with closing(database), database.writer_lock("runs"), pytest.raises(StoreBusyError):
        store(prepared, settings)
