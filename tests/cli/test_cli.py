"""The command line as its user types it: what it prints, where, and with which exit status."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sweep.cli.app import app
from sweep.cli.doctor import examine
from sweep.settings import from_environment

SMALL = [
    *("--data", "rendered-pets", "--pictures", "60", "--epochs", "2", "--seeds", "3"),
    *("--optimizers", "radam,adam", "--learning-rates", "0.003:0.1:3"),
]
NAME = "lr-robustness-rendered-pets"


def command(*arguments, cwd, **environment):
    """The real program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "sweep.cli", *arguments],
        cwd=cwd,
        env=os.environ | {"HTTPS_PROXY": "http://127.0.0.1:9"} | environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which a small study has been run."""
    folder = tmp_path_factory.mktemp("user")
    done = command("run", "lr-robustness", *SMALL, cwd=folder, SWEEP_CACHE=str(folder / "cache"))
    assert done.returncode == 0, done.stderr
    (folder / "stdout").write_text(done.stdout)
    (folder / "stderr").write_text(done.stderr)
    return folder


@pytest.fixture
def invoke(folder, monkeypatch):
    """The program in this process, in that folder: quick, for what trains nothing."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SWEEP_CACHE", str(folder / "cache"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_run_prints_table_verdict_and_report(folder):
    printed = (folder / "stdout").read_text()
    assert "Validation accuracy on rendered pets" in printed
    assert "Verdict" in printed
    assert f"Report: reports/{NAME}.html" in printed
    assert (folder / "reports" / f"{NAME}.html").stat().st_size > 1e6
    for rate in ("0.003", "0.01732", "0.1"):
        assert re.search(rf"^ *{rate} ", printed, re.MULTILINE)


def test_progress_is_plain_lines_on_the_error_stream(folder):
    shown = (folder / "stderr").read_text()
    assert "training: 18 of 18 trials" in shown
    assert "\x1b" not in shown
    assert "tensorflow" not in shown.lower()
    assert "WARNING" not in shown


def test_run_again_trains_nothing(invoke):
    again = invoke("run", "lr-robustness", *SMALL, "--json")
    summary = json.loads(again.stdout)
    assert (summary["trained"], summary["outcomes"]) == (0, {"completed": 18})
    assert summary["pictures"] == "rendered pets"
    assert {"measure", "optimizer", "value", "low", "high"} <= set(summary["measures"][0])


def test_results_in_every_format(invoke, folder):
    rows = list(csv.DictReader(io.StringIO(invoke("results", NAME, "--format", "csv").stdout)))
    header = (
        "trial,optimizer,learning_rate,seed,outcome,diverged_at_epoch,epochs,train_loss,"
        "train_accuracy,valid_loss,valid_accuracy,best_valid_accuracy,seconds,fingerprint"
    )
    assert ",".join(rows[0]) == header
    assert len(rows) == 18
    as_json = json.loads(invoke("results", NAME, "--json").stdout)
    assert [row["fingerprint"] for row in as_json] == [row["fingerprint"] for row in rows]
    assert float(rows[0]["valid_accuracy"]) == as_json[0]["valid_accuracy"]
    epochs = list(csv.reader(io.StringIO(invoke("results", NAME, "-f", "csv", "--epochs").stdout)))
    assert epochs[0][4:] == [
        "epoch",
        "train_loss",
        "train_accuracy",
        "valid_loss",
        "valid_accuracy",
        "effective_learning_rate",
    ]
    assert len(epochs) == 1 + 18 * 3
    assert "radam" in invoke("results", NAME).stdout
    done = invoke("results", NAME, "-f", "parquet", "-o", "trials.parquet")
    assert done.exit_code == 0
    polars = pytest.importorskip("polars")
    assert polars.read_parquet(folder / "trials.parquet").height == 18


def test_results_by_the_plain_name_of_a_study_on_rendered_pets(invoke):
    done = invoke("results", "lr-robustness", "--json")
    assert len(json.loads(done.stdout)) == 18
    assert f"in the store as {NAME}" in done.stderr


def test_robustness_for_machines_and_people(invoke):
    rows = json.loads(invoke("results", NAME, "--robustness", "--json").stdout)
    means = [row for row in rows if row["measure"] == "mean accuracy"]
    assert {row["optimizer"] for row in means} == {"radam", "adam"}
    intervals = [(row["low"], row["value"], row["high"]) for row in means]
    assert all(low is None or low <= value <= high for low, value, high in intervals)
    assert "mean accuracy" in invoke("results", NAME, "--robustness").stdout


def test_status_list_and_plan(invoke):
    status = json.loads(invoke("status", NAME, "--json").stdout)
    assert status[0]["finished"] == 18
    assert status[0]["missing"] == 0
    listed = json.loads(invoke("list", "--json").stdout)
    assert {"lr-robustness", "lr-robustness-full"} <= {study["name"] for study in listed["studies"]}
    assert [study["name"] for study in listed["store"]] == [NAME]
    assert listed["store"][0]["optimizers"] == ["radam", "adam"]
    (found,) = (study for study in listed["studies"] if study["name"] == "adam-vs-radam")
    assert found["optimizers"] == ["radam", "adam"]
    plan = json.loads(invoke("plan", "lr-robustness", *SMALL, "--json").stdout)
    assert (plan["trials"], plan["finished"], plan["to_train"]) == (18, 18, 0)
    assert plan["memory_bytes"] > 0
    assert plan["numba_kernel"] == ["radam", "adam"]
    wider = json.loads(invoke("plan", "lr-robustness", *SMALL, "--seeds", "4", "--json").stdout)
    assert (wider["to_train"], wider["cohorts"]) == (6, 2)
    (now,), (then,) = plan["pairs"], wider["pairs"]
    assert (then["first"], then["second"], then["planned_seeds"]) == ("radam", "adam", 4)
    assert now["could_show"] == now["least_difference"] > 0
    for shown in ("status", "list"):
        assert NAME in invoke(shown).stdout
    shown = invoke("plan", "lr-robustness", *SMALL, "--seeds", "9").stdout
    assert "trials" in shown
    assert "radam, adam: by a numba kernel on a processor" in " ".join(shown.split())
    assert re.search(r"verdict +[01] of 1 pair decided, with the 3 seeds that are finished", shown)


def test_plan_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
    done = CliRunner().invoke(app, ["plan", "lr-robustness", "--json"])
    assert json.loads(done.stdout)["trials"] == 105
    assert not (tmp_path / "sweep.db").exists()


def test_report_and_one_figure(invoke, folder):
    shown = invoke("report", NAME, "-o", "page.html").stdout
    assert "Report: page.html" in shown.splitlines()
    assert "robustness, with 95 %" in shown
    assert "<html" in (folder / "page.html").read_text()[:500]
    told = json.loads(invoke("report", NAME, "-o", "page.html", "--json").stdout)
    assert told["report"] == "page.html"
    assert told["pairs"][0]["outcome"] in ("different", "equivalent", "undecided")
    assert told["measures"]
    assert told["verdict"]
    done = invoke("report", NAME, "--figure", "robustness", "-o", "figure.json")
    assert done.stdout.strip() == "figure.json"
    assert json.loads((folder / "figure.json").read_text())["data"]
    assert invoke("report", NAME, "--figure", "nonsense").exit_code == 2
    assert invoke("report", NAME, "--figure", "robustness", "--json").exit_code == 2
    assert invoke("report", NAME, "--format", "svg").exit_code == 2


def test_new_study_runs(invoke):
    written = invoke("new", "my-study").stdout.strip()
    assert written == "studies/my_study.py"
    plan = invoke("plan", "my-study", "--data", "rendered-pets", "--json")
    assert json.loads(plan.stdout)["optimizers"] == ["radam", "adam", "adam-500"]
    again = invoke("new", "my-study")
    assert again.exit_code == 2
    assert "my_study.py is there already" in again.stderr


def test_help_has_examples_and_loads_nothing_heavy(tmp_path):
    for name in ("run", "plan", "status", "results", "report", "new"):
        assert "Example" in CliRunner().invoke(app, [name, "--help"]).stdout
    script = (
        "import sys\nfrom sweep.cli.app import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'tensorflow', 'keras', 'optuna', 'sqlalchemy', 'plotly', 'numpy', 'pydantic'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path, capture_output=True)


def test_reading_commands_load_no_keras(folder):
    commands = (
        ["list"],
        ["status", NAME],
        ["results", NAME],
        ["report", NAME],
        ["plan", "lr-robustness", *SMALL],
    )
    script = (
        "import json, sys\nfrom sweep.cli.app import app\n"
        "for arguments in json.loads(sys.argv[1]):\n"
        "    try: app(arguments)\n"
        "    except SystemExit as end: assert not end.code, (arguments, end.code)\n"
        "    assert not {'tensorflow', 'keras', 'jax'} & set(sys.modules), arguments\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(commands)],
        cwd=folder,
        env=os.environ | {"SWEEP_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("folder")
def test_doctor_says_what_a_processor_would_gain_from(monkeypatch):
    monkeypatch.setattr("sweep.cli.doctor.FAST", ("numba", "of-no-index"))

    def speed():
        (found,) = (it for it in examine(from_environment(None)) if it.what == "speed")
        return found

    assert (speed().works, speed().needed) == (False, False)
    assert "of-no-index would halve the time" in speed().detail
    assert "pip install 'hyperparameter-robustness[fast]'" in speed().detail
    monkeypatch.setattr("sweep.training.backend.device_name", lambda: "A GPU")
    assert speed().works
    assert "nothing to add" in speed().detail


def test_doctor_says_what_is_missing(invoke):
    done = invoke("doctor", "--json")
    findings = {finding["what"]: finding for finding in json.loads(done.stdout)}
    assert done.exit_code == 0
    assert findings["backend"]["works"]
    assert findings["store"]["works"]
    assert not findings["Dogs vs. Cats"]["works"]
    assert "sweep data fetch" in findings["Dogs vs. Cats"]["detail"]


def test_data_where_and_check(invoke, folder):
    assert str(folder / "cache") in invoke("data", "where").stdout
    checked = invoke("data", "check")
    assert checked.exit_code == 3
    assert "Dogs vs. Cats: missing" in checked.stdout


BAD_STUDIES = {
    "raises.py": ("raise RuntimeError('boom')", "boom"),
    "syntax.py": ("study = (", "SyntaxError"),
    "empty.py": ("", "no variable is called study"),
    "field.py": (
        "from sweep.study import Study\n"
        "study = Study(name='s', question='q', optimizers=('adam',), learning_rates=(0.1,), "
        "seeds=1, epoch=3)",
        "epoch: no such field; did you mean epochs?",
    ),
    "rate.py": (
        "from sweep.study import Study\n"
        "study = Study(name='s', question='q', optimizers=('adam',), learning_rates=(-0.1,), "
        "seeds=1)",
        "learning_rates: learning rate -0.1 is not in (0, 1000]",
    ),
}


@pytest.mark.parametrize("file", BAD_STUDIES)
def test_bad_study_file(file, invoke, folder):
    text, message = BAD_STUDIES[file]
    (folder / file).write_text(text)
    assert_error(invoke("run", file), 2, message)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["run", "nonsense"], 2, "lr-robustness"),
        (["run", "none.py"], 2, "no study file none.py"),
        (["run", "lr-robustness", *SMALL, "--epochs", "0"], 2, "epochs"),
        (["run", "lr-robustness", "--epochs", "5", *SMALL[:2]], 2, "--name"),
        (["run", "lr-robustness", *SMALL, "--optimizers", "adamm"], 2, "adamm"),
        (["run", "lr-robustness", *SMALL, "--learning-rates", "0.1,0.1"], 2, "repeated"),
        (["run", "lr-robustness", "--data", "/no/such"], 3, "/no/such"),
        (["run", "lr-robustness", "--data", "dogs-vs-cats"], 3, "--data"),
        (["run", "lr-robustness", *SMALL, "--store", "nonsense://x"], 3, "nonsense"),
        (["results", "nonsense"], 3, NAME),
        (["results", NAME, "--store", "sqlite:///none.db"], 3, "none.db"),
        (["results", NAME, "--format", "xml"], 2, "xml"),
        (["results", NAME, "--format", "parquet"], 2, "--output"),
        (["results", NAME, "-f", "csv", "-o", "/no/such/file"], 2, "/no/such/file"),
        (["results", NAME, "-f", "parquet", "-o", "/no/such/file"], 2, "/no/such/file"),
        (["results", NAME, "-o", "file"], 2, "--format csv"),
        (["results", NAME, "--robustness", "-f", "parquet", "-o", "file"], 2, "--format json"),
        (["report", NAME, "-o", "/proc/none.html"], 3, "/proc/none.html"),
        (["new", "a b"], 2, "letters"),
    ],
)
def test_wrong_usage_is_one_message_with_the_remedy(arguments, status, message, invoke):
    assert_error(invoke(*arguments), status, message)


def test_wrong_seeds_are_a_usage_error(invoke):
    done = invoke("run", "lr-robustness", "--seeds", "two")
    assert done.exit_code == 2
    assert "'two'" in done.stderr


def assert_error(done, status, message):
    unwrapped = " ".join(done.stderr.split())
    assert done.exit_code == status, done.output
    assert message in unwrapped
    assert "error:" in unwrapped
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: (folder / "cat").mkdir(), "no pictures in"),
        (lambda folder: pictures_in(folder / "cat"), "two or more classes"),
        (lambda folder: (folder / "data.zip").write_bytes(b"PK\x03\x04 cut off"), "zip"),
    ],
    ids=["empty", "one class", "zip cut off"],
)
def test_unusable_pictures(make, message, tmp_path, invoke):
    make(tmp_path)
    place = tmp_path / "data.zip"
    done = invoke(
        "run",
        "lr-robustness",
        "--data",
        str(place if place.exists() else tmp_path),
        "--weights",
        "random",
    )
    assert_error(done, 3, message)


def pictures_in(folder):
    from PIL import Image

    folder.mkdir(parents=True)
    for number in range(12):
        Image.new("RGB", (40, 40), (number * 9, sum(folder.name.encode()) % 256, 90)).save(
            folder / f"{number}.jpg"
        )


def test_weights_of_another_network(tmp_path, invoke):
    import h5py

    for name in ("cat", "dog"):
        pictures_in(tmp_path / name)
    with h5py.File(tmp_path / "other.weights.h5", "w") as file:
        file["weights"] = [1.0, 2.0]
    done = invoke(
        *("run", "lr-robustness", "--data", str(tmp_path), "--store", "sqlite:///other.db"),
        *("--weights", str(tmp_path / "other.weights.h5")),
    )
    assert_error(done, 3, "A file has the weights of VGG16")


def test_ctrl_c_keeps_what_was_finished_and_the_same_command_continues(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
    many = [*SMALL[:-1], "0.003:0.1:4", "--epochs", "12"]
    with subprocess.Popen(
        [sys.executable, "-m", "sweep.cli", "run", "lr-robustness", *many],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_until_a_cohort_is_finished(tmp_path, process)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "the same command continues" in " ".join(stderr.split())
    assert "Traceback" not in stderr
    (status,) = json.loads(CliRunner().invoke(app, ["status", NAME, "--json"]).stdout)
    assert 0 < status["finished"] < 24
    assert sum(row["running"] for row in status["optimizers"]) == 0
    rest = CliRunner().invoke(app, ["run", "lr-robustness", *many, "--json"])
    assert json.loads(rest.stdout)["trained"] == 24 - status["finished"]


def wait_until_a_cohort_is_finished(folder: Path, process, name=NAME) -> None:
    from sweep.errors import StoreError
    from sweep.store import open_store

    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with open_store(f"sqlite:///{folder}/sweep.db") as store:
                if store.finished(name):
                    return
        except StoreError:
            pass
        time.sleep(0.05)
    pytest.fail("no cohort was finished in time")
