"""What optuna-dashboard is told of a study, read back through optuna-dashboard itself."""

import json
import shutil
import uuid
from contextlib import contextmanager
from pathlib import Path

import optuna
import optuna_dashboard
import pytest
from made_results import made_results, made_study
from report.publishing import show
from server.serving import fill, small_study

from sweep.analysis.evidence import gather
from sweep.figures import robustness
from sweep.report.dashboard_note import FIGURE_ID, plain, still
from sweep.store import Store, open_store
from sweep.util.names import file_stem

MAX_BYTES = 500_000


@pytest.fixture
def url(tmp_path) -> str:
    return f"sqlite:///{tmp_path / 'sweep.db'}"


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """The store of a study that was run; it is only copied."""
    path = tmp_path_factory.mktemp("finished") / "sweep.db"
    fill(f"sqlite:///{path}", small_study(name="<b>|a*", question="Which *one* | <script>?"))
    return path


@pytest.fixture
def store(finished, url, tmp_path):
    shutil.copytree(finished.parent, tmp_path, dirs_exist_ok=True)
    with open_store(url) as opened:
        yield opened


@pytest.fixture
def artifacts(tmp_path) -> Path:
    return tmp_path / "reports" / "artifacts"


def shown(store: Store, name: str = "<b>|a*") -> tuple[str, int, dict]:
    """The note, its version and the figures, as a dashboard that starts now reads them."""
    storage = store.optuna_storage()
    study = optuna.load_study(study_name=name, storage=storage)
    attributes = storage.get_study_system_attrs(study._study_id)
    figures = optuna_dashboard._custom_plot_data.get_plotly_graph_objects(attributes)
    note = optuna_dashboard._note.get_note_from_system_attrs(attributes, None)
    storage.remove_session()
    storage.engine.dispose()
    return note["body"], note["version"], figures


def write_below(store: Store, text: str) -> None:
    """Write into the note as somebody does in the dashboard, who sees and sends the whole text."""
    storage = store.optuna_storage()
    study = optuna.load_study(study_name="<b>|a*", storage=storage)
    optuna_dashboard.save_note(study, optuna_dashboard.get_note(study) + text)
    storage.remove_session()
    storage.engine.dispose()


def test_note_and_figure_are_there(store, artifacts):
    results = store.results("<b>|a*")
    show(store, results, artifacts)
    note, version, figures = shown(store)
    assert version == 1
    assert note.startswith("## Which \\*one\\* \\| &lt;script\\>?\n\n**")
    assert (
        "| measure | RAdam | Adam | Adam with warm-up |\n|---|---|---|---|\n| mean accuracy (%) |"
        in note
    )
    figure = json.loads(figures[FIGURE_ID])
    assert figure["layout"]["title"]["text"].startswith("Mean accuracy at the worst")
    assert "frames" not in figure


def test_publishing_again_changes_nothing_but_what_is_new(store, url, artifacts):
    show(store, store.results("<b>|a*"), artifacts)
    first = shown(store)
    show(store, store.results("<b>|a*"), artifacts)
    assert shown(store) == first
    fill(url, small_study(name="<b>|a*", question="Which now?", seeds=4))
    show(store, store.results("<b>|a*"), artifacts)
    note, version, figures = shown(store)
    assert note.startswith("## Which now?\n")
    assert version == 2
    assert list(figures) == [FIGURE_ID]
    assert figures != first[2]


def test_what_somebody_wrote_below_stays(store, url, artifacts):
    show(store, store.results("<b>|a*"), artifacts)
    long = "my own words, " * 400
    write_below(store, long)
    fill(url, small_study(name="<b>|a*", question="Which now?", seeds=4))
    show(store, store.results("<b>|a*"), artifacts)
    note, version, _ = shown(store)
    assert note.startswith("## Which now?\n")
    assert note.endswith(long)
    assert note.count("below it is yours") == 1
    assert version == 3


def test_trouble_is_only_a_warning(store, artifacts, caplog):
    results = store.results("<b>|a*")
    storage = store.optuna_storage()
    optuna.delete_study(study_name="<b>|a*", storage=storage)
    show(store, results, artifacts)
    assert "does not show all" in caplog.text
    optuna.create_study(study_name="<b>|a*", storage=storage)
    caplog.clear()
    show(store, results, artifacts)
    assert "that sweep did not make" in caplog.text
    storage.remove_session()
    storage.engine.dispose()


@contextmanager
def opened_by_optuna(store: Store):
    storage = store.optuna_storage()
    yield optuna.load_study(study_name="<b>|a*", storage=storage), storage
    storage.remove_session()
    storage.engine.dispose()


def test_the_report_is_an_artifact_that_is_replaced(store, artifacts, tmp_path):
    results = store.results("<b>|a*")
    show(store, results, artifacts)
    folder = optuna.artifacts.FileSystemArtifactStore(artifacts)
    with opened_by_optuna(store) as (study, _):
        (first,) = optuna.artifacts.get_all_artifact_meta(study)
        theirs = optuna.artifacts.upload_artifact(
            artifact_store=folder, file_path=__file__, study_or_trial=study
        )
    assert (first.filename, first.mimetype) == (f"{file_stem('<b>|a*')}.html", "text/html")
    (artifacts / first.artifact_id).write_text("an earlier report")
    show(store, results, artifacts)
    with opened_by_optuna(store) as (study, _):
        found = {meta.artifact_id for meta in optuna.artifacts.get_all_artifact_meta(study)}
    assert found == {first.artifact_id, theirs} == {file.name for file in artifacts.iterdir()}
    got = tmp_path / "report.html"
    optuna.artifacts.download_artifact(
        artifact_store=folder, artifact_id=first.artifact_id, file_path=got
    )
    assert got.read_text().rstrip().endswith("</html>")


def test_a_deleted_report_comes_back(store, artifacts):
    results = store.results("<b>|a*")
    show(store, results, artifacts)
    (first,) = artifacts.iterdir()
    first.unlink()
    with opened_by_optuna(store) as (study, storage):
        storage.set_study_system_attr(study._study_id, f"artifacts:{first.name}", "null")
    show(store, results, artifacts)
    (second,) = artifacts.iterdir()
    assert second.name != first.name


@pytest.mark.parametrize("name", ["../../out", "/tmp/out", "."])
def test_an_edited_id_leads_nowhere_else(store, artifacts, tmp_path, name):
    with opened_by_optuna(store) as (study, storage):
        about = json.dumps({"artifact_id": name, "made_by": "sweep"})
        for key, value in ((name, about), ("a", "[]"), ("b", "no JSON"), ("c", 7)):
            storage.set_study_system_attr(study._study_id, f"artifacts:{key}", value)
    show(store, store.results("<b>|a*"), artifacts)
    (written,) = artifacts.iterdir()
    assert uuid.UUID(written.name)
    assert not any(path.name.startswith("out") for path in tmp_path.rglob("*"))


def test_a_folder_that_cannot_be_written_is_only_a_warning(store, artifacts, caplog):
    artifacts.parent.write_text("a file")
    show(store, store.results("<b>|a*"), artifacts)
    assert "cannot be written: " in caplog.text
    assert str(artifacts) in caplog.text
    note, _, figures = shown(store)
    assert note
    assert figures
    with opened_by_optuna(store) as (study, _):
        assert optuna.artifacts.get_all_artifact_meta(study) == []


def test_a_study_without_a_finished_trial_is_published(url, artifacts):
    fill(url, small_study(name="failed"), failed=tuple(range(9)))
    with open_store(url) as store:
        show(store, store.results("failed"), artifacts)
        note, _, figures = shown(store, "failed")
    assert note
    assert json.loads(figures[FIGURE_ID])["layout"]


def test_the_figure_is_small():
    results = made_results(made_study(optimizers=10, rates=100, seeds=10))
    assert len(results.trials) == 10_000
    assert len(still(robustness.draw(gather(results)))) < MAX_BYTES


def test_markdown_shows_names_as_they_are():
    assert plain("a|b\n*c* [d](e) <f> `g` _h_ ~~i~~ $j$ \\ &amp;") == (
        "a\\|b \\*c\\* \\[d\\](e) &lt;f\\> \\`g\\` \\_h\\_ \\~\\~i\\~\\~ \\$j\\$ \\\\ &amp;amp;"
    )
