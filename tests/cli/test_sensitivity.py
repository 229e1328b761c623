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
    assert (
        "Sensitivity over 2 studies at 2 points that all have, normalized scores, 3 seeds"
        in shown.stdout
    )
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


@pytest.mark.parametrize("again", ["one", "sqlite:///sweep.db#one", "sqlite:///./sweep.db#one"])
def test_a_study_that_is_there_twice_is_refused(invoke, again):
    done = invoke("sensitivity", "one", again)
    assert done.exit_code == 2
    assert "one study is there twice: one" in done.stderr


def test_one_optimizer_of_a_study_is_refused(invoke):
    done = invoke("sensitivity", "one:adam", "other")
    assert done.exit_code == 2
    assert "one:adam names one optimizer, and sensitivity is of all" in done.stderr


def test_one_point_in_common_is_refused(invoke):
    with closing(open_store("sqlite:///sweep.db")) as store:
        run_all(store, make_study(name="apart", seeds=3, learning_rates=(0.1, 1.0)))
    done = invoke("sensitivity", "one", "apart")
    assert done.exit_code == 2
    assert "the studies share one point alone: learning rate 0.1" in done.stderr


def test_one_seed_has_no_intervals_to_be_explained(invoke):
    with closing(open_store("sqlite:///sweep.db")) as store:
        run_all(store, make_study(name="short", seeds=1))
    shown = invoke("sensitivity", "one", "short").stdout
    assert "normalized scores, 1 seed\n" in shown
    assert "brackets" not in shown
    assert "brackets" in invoke("sensitivity", "one", "other").stdout


def test_a_study_on_rendered_pets_is_found_by_its_plain_name(invoke):
    with closing(open_store("sqlite:///sweep.db")) as store:
        run_all(store, make_study(name="plain-rendered-pets", seeds=3))
    assert invoke("sensitivity", "one", "plain").exit_code == 0
    assert invoke("compare", "one", "plain").exit_code in (0, 4, 5)


def test_of_a_collection_it_takes_the_studies_that_were_run(invoke, tmp_path):
    (tmp_path / "studies").mkdir()
    chapters = ", ".join(f"Chapter(study={it!r}, heading='?')" for it in ("one", "other", "later"))
    (tmp_path / "studies" / "all.py").write_text(
        "from sweep.study import Chapter, Collection\n"
        f"collection = Collection(name='all', title='?', chapters=[{chapters}])"
    )
    done = invoke("sensitivity", "all")
    assert "Sensitivity over 2 studies" in done.stdout
    assert "Not run of all: later." in done.stderr
