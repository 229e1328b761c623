"""A collection's page: from the command, of what is stored of its studies."""

import json
from contextlib import closing

import pytest
from store.making import make_study, run_all
from typer.testing import CliRunner

from sweep.cli.app import app
from sweep.store import open_store

TEXT = """
from sweep.study import Chapter, Collection

collection = Collection(
    name="mine", title="What I read", source="A. Author <2026>",
    chapters=[
        Chapter(study="small", heading="Figure 1", claim="Adam wins.",
                figures=("robustness", "curves")),
        Chapter(study="beta2", heading="Figure 2", claim="β₂ matters."),
    ],
)
"""


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """The program in a folder with a collection of which one study was run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "mine.py").write_text(TEXT)
    published = [{"source": "A. Author", "optimizer": "adam", "value": 0.9, "learning_rate": 0.1}]
    with closing(open_store("sqlite:///sweep.db", create=True)) as store:
        run_all(store, make_study(published=published))
    return lambda *arguments: CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})


def test_the_page_holds_what_was_run_beside_what_was_published(invoke, tmp_path):
    shown = invoke("report", "mine")
    assert shown.exit_code == 0
    assert "not run" in shown.stdout
    page = (tmp_path / "reports" / "mine.html").read_text()
    assert "After A. Author &lt;2026&gt;" in page
    assert 'href="small.html"' in page
    assert '<section class="figure" id="small-robustness"' in page
    assert '<section class="figure" id="small-curves"' in page
    assert "Published and measured" in page
    assert "sweep run beta2" in page


def test_for_programs(invoke):
    told = json.loads(invoke("report", "mine", "--json", "-o", "page.html").stdout)
    assert told["report"] == "page.html"
    assert told["verdicts"]["beta2"] == "not run"
    assert told["verdicts"]["small"] != "not run"


def test_a_figure_is_of_one_study(invoke):
    assert invoke("report", "mine", "--figure", "robustness").exit_code == 2


def test_the_list_has_it(invoke):
    (mine,) = [
        each
        for each in json.loads(invoke("list", "--json").stdout)["studies"]
        if not each["built_in"]
    ]
    assert mine["studies"] == ["small", "beta2"]
    assert "2 studies" in invoke("list").stdout
