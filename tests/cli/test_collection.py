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


def test_studies_that_sweep_the_same_are_taken_together_at_the_end(invoke, tmp_path):
    assert invoke("report", "mine").exit_code == 0
    page = tmp_path / "reports" / "mine.html"
    assert "over-all-studies" not in page.read_text()
    with closing(open_store("sqlite:///sweep.db")) as store:
        run_all(store, make_study(name="beta2"))
    assert invoke("report", "mine").exit_code == 0
    text = page.read_text()
    assert 'href="#over-all-studies"' in text
    assert text.count('id="over-all-studies"') == 1
    assert '<section class="figure" id="all-studies-sensitivity"' in text
    assert '<section class="figure" id="all-studies-profiles"' in text


def test_a_simulation_needs_no_study_and_what_is_left_out_is_told(invoke, tmp_path):
    chapter = 'Chapter(heading="Figure 8", claim="It falls.", figures=("simulation",)),\n    ],'
    left_out = 'left_out=[{"what": "Figure 4", "why": "No <text>."}],'
    text = TEXT.replace("    ],", chapter + left_out)
    (tmp_path / "studies" / "mine.py").write_text(text)
    told = json.loads(invoke("report", "mine", "--json").stdout)
    assert [*told["verdicts"]] == ["small", "beta2"]
    page = (tmp_path / "reports" / "mine.html").read_text()
    assert '<section class="figure" id="simulation-simulation"' in page
    assert "<strong>Figure 4.</strong> No &lt;text&gt;." in page
    assert page.count("Not measured here.") == 1


def test_where_nothing_was_published_nothing_is_said_of_it(invoke, tmp_path):
    text = TEXT.replace(', source="A. Author <2026>"', "").replace(', claim="Adam wins."', "")
    (tmp_path / "studies" / "mine.py").write_text(text)
    assert invoke("report", "mine").exit_code == 0
    page = (tmp_path / "reports" / "mine.html").read_text()
    assert "After " not in page.split("<main")[0].split("<header")[1]
    assert page.count("<strong>Published:</strong>") == 1


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


RUN = """
from sweep import Axis, Function, Metric, Optimizer, Study

study = Study(
    name="{name}",
    question="How much does it depend on the shift?",
    task=Function("{module}:train", metric=Metric(guessing=0.5)),
    optimizers=[Optimizer(label="a", algorithm="sgd")],
    axes=[Axis(name="own.shift", values=(1, 2))],
    base={{"learning_rate": 0.1}},
    seeds=1,
    epochs=1,
)
"""


@pytest.fixture
def runnable(invoke, tmp_path):
    """The program where the second study of the collection lacks its training."""
    (tmp_path / "mine.py").write_text(
        "def train(config, report):\n    report(1, train_loss=1.0, valid_metric=0.9)\n"
    )
    studies = tmp_path / "studies"
    for name, module in (("first", "mine"), ("second", "missing"), ("third", "mine")):
        (studies / f"{name}.py").write_text(RUN.format(name=name, module=module))
    chapters = "".join(
        f'Chapter(study="{name}", heading="{name}", claim="?"),'
        for name in ("first", "second", "third")
    )
    (studies / "mine.py").write_text(
        "from sweep.study import Chapter, Collection\n"
        "collection = Collection(name='mine', title='All', source='A. Author', "
        f"chapters=[{chapters}])"
    )
    return invoke


def test_a_study_that_cannot_be_run_is_told_and_the_others_are_run(runnable, tmp_path):
    done = runnable("run", "mine", "--json")
    assert done.exit_code not in (0, 130)
    assert "missing" in done.stderr
    assert "mine: third, 3 of 3" in done.stderr
    verdicts = json.loads(done.stdout)["verdicts"]
    assert verdicts["second"] == "not run"
    assert "not run" not in (verdicts["first"], verdicts["third"])
    assert (tmp_path / "reports" / "third.html").exists()
    assert "All" in (tmp_path / "reports" / "mine.html").read_text()


def test_options_of_one_study_are_refused(runnable):
    done = runnable("run", "mine", "--learning-rates", "0.1")
    assert done.exit_code == 2
    assert "mine is a collection, and --learning-rates is for one study" in done.stderr


def test_options_of_pictures_are_for_the_studies_that_have_some(runnable):
    done = runnable("run", "mine", "--data", "rendered-pets", "--pictures", "60", "--json")
    assert "no effect" not in done.stderr
    assert json.loads(done.stdout)["verdicts"]["first"] != "not run"


def test_a_budget_that_is_over_before_a_training_says_so(runnable):
    done = runnable("run", "first", "--budget", "0.000001s")
    assert done.exit_code == 0
    assert "No training began within the budget." in " ".join(done.stderr.split())


def test_a_budget_is_of_all_together(runnable):
    done = runnable("run", "mine", "--budget", "0.000001s")
    assert "The budget is over" in " ".join(done.stderr.split())


def test_a_figure_that_is_none_is_told_before_anything_is_trained(runnable, tmp_path):
    path = tmp_path / "studies" / "mine.py"
    path.write_text(
        path.read_text().replace('heading="third",', 'heading="3", figures=("curve",),')
    )
    for command in ("run", "report"):
        done = runnable(command, "mine")
        assert done.exit_code == 2
        assert "no figure 'curve' of third in the collection mine; did you mean curves?" in (
            " ".join(done.stderr.split())
        )
    assert not (tmp_path / "outputs").exists()


@pytest.mark.parametrize("chapter", ["renamed", "studies/renamed.py"])
def test_a_study_is_found_by_the_name_that_its_file_gives_it(invoke, tmp_path, chapter):
    studies = tmp_path / "studies"
    (studies / "renamed.py").write_text(RUN.format(name="small", module="mine"))
    (studies / "mine.py").write_text(TEXT.replace('"small"', f'"{chapter}"'))
    told = json.loads(invoke("report", "mine", "--json").stdout)
    assert told["verdicts"][chapter] != "not run"
    assert json.loads(invoke("status", "renamed", "--json").stdout)[0]["study"] == "small"


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        (["--margin", "1"], "--margin 1.0 without --until-decided"),
        (["--refine", "0.1", "--until-decided"], "--refine beside --until-decided"),
        (["--epochs", "0"], "epochs"),
    ],
)
def test_a_wrong_option_is_told_once_and_nothing_is_done(runnable, tmp_path, options, wrong):
    done = runnable("run", "mine", *options)
    assert done.exit_code == 2
    assert done.stderr.count("error:") == 1
    assert wrong in done.stderr
    assert not (tmp_path / "reports").exists()


def test_a_collection_that_cannot_be_loaded_is_told(invoke, tmp_path):
    (tmp_path / "studies" / "broken.py").write_text("from sweep.study import Chapter\nChapter()")
    for command in ("report", "results", "status"):
        done = invoke(command, "broken")
        assert done.exit_code == 2
        assert "broken.py is wrong" in done.stderr


def test_what_is_for_one_study_names_those_of_a_collection(invoke):
    for arguments in (["results", "mine"], ["compare", "small", "mine"]):
        done = invoke(*arguments)
        assert done.exit_code == 2
        assert "mine is a collection" in done.stderr
        assert "Its studies are small, beta2." in done.stderr


def test_the_status_of_a_collection_is_that_of_its_studies(invoke, tmp_path):
    done = invoke("status", "mine", "--json")
    assert [each["study"] for each in json.loads(done.stdout)] == ["small"]
    assert "Not run of mine: beta2." in done.stderr
    (tmp_path / "studies" / "mine.py").write_text(TEXT.replace("small", "beta2-later"))
    none = invoke("status", "mine")
    assert none.exit_code == 3
    assert "no study of the collection mine is in the store" in none.stderr


def test_a_collection_is_watched_until_all_of_its_studies_are_finished(invoke, monkeypatch):
    def run_the_other(_seconds):
        with closing(open_store("sqlite:///sweep.db")) as store:
            run_all(store, make_study(name="beta2"))

    monkeypatch.setattr("sweep.cli.status.time.sleep", run_the_other)
    done = invoke("status", "mine", "--watch")
    assert done.exit_code == 0
    assert [done.stdout.count(f"{name}: ") for name in ("small", "beta2")] == [2, 1]
