"""``sweep sensitivity`` over stored studies: a table, JSON, and what it refuses."""

import json
from contextlib import closing

import pytest
from store.making import make_study, run_all
from typer.testing import CliRunner

from sweep.cli.app import app
from sweep.store import open_store


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with closing(open_store("sqlite:///sweep.db", create=True)) as store:
        for name in ("one", "other"):
            run_all(store, make_study(name=name, seeds=3))
    return lambda *arguments: CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


def test_a_line_an_optimizer(invoke):
    shown = invoke("sensitivity", "one", "other")
    assert shown.exit_code == 0, shown.stderr
    assert "Sensitivity over 2 studies, normalized scores, 3 seeds" in shown.stdout
    assert "0 of 1" in shown.stdout


def test_for_programs(invoke):
    told = json.loads(invoke("sensitivity", "one", "sqlite:///sweep.db#other", "--json").stdout)
    assert [row["optimizer"] for row in told["optimizers"]] == ["adam", "radam"]
    assert told["optimizers"][0]["sensitivity"][0] == pytest.approx(0)
    assert set(told["optimizers"][0]["shared_point"]) == {"learning_rate"}


def test_one_study_is_refused(invoke):
    done = invoke("sensitivity", "one")
    assert done.exit_code == 2
    assert "over several studies" in done.stderr


def test_the_page_goes_where_it_is_asked_for(invoke, tmp_path):
    done = invoke("sensitivity", "one", "other", "--output", "page.html")
    assert done.exit_code == 0, done.stderr
    assert "Report: page.html" in done.stdout
    page = (tmp_path / "page.html").read_text()
    assert '<section class="figure" id="sensitivity"' in page
    assert '<section class="figure" id="profiles"' in page


def test_no_page_is_written_where_none_is_asked_for(invoke, tmp_path):
    assert json.loads(invoke("sensitivity", "one", "other", "--json").stdout)["report"] is None
    assert not (tmp_path / "reports").exists()


def test_opened_it_goes_to_the_reports(invoke, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("typer.launch", opened.append)
    told = json.loads(invoke("sensitivity", "one", "other", "--open", "--json").stdout)
    assert told["report"] == opened[0]
    assert (tmp_path / "reports" / "sensitivity.html").exists()


def test_programs_get_the_profiles(invoke):
    told = json.loads(invoke("sensitivity", "one", "other", "--json").stdout)
    profiles = told["profiles"]
    assert [each["optimizer"] for each in profiles["optimizers"]] == ["adam", "radam"]
    assert all(len(each["share"]) == len(profiles["tau"]) for each in profiles["optimizers"])
    assert told["optimizers"][0]["by_tuned_axes"] == [
        told["optimizers"][0]["shared"][0],
        told["optimizers"][0]["tuned"][0],
    ]
