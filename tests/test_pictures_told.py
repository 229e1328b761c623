"""What became of the pictures is told: before training, in JSON, in the report."""

import json
import logging
import shutil
from pathlib import Path

import pytest
from data.picture_folders import encoded, jpeg, write_folder, write_zip
from PIL import Image
from typer.testing import CliRunner

import sweep
from sweep import runner
from sweep.cli.app import app
from sweep.data.pets.rendered_pets import draw_pet
from sweep.errors import StudyChangedError
from sweep.planning.listener import SilentListener
from sweep.server.live import Live
from sweep.settings import Settings
from sweep.store import open_store
from sweep.study.study import Study
from sweep.study.tasks import Pictures
from sweep.tasks.task import Places

STUDY_FILE = """
from sweep import Model, Pictures, Study
study = Study(name="mine", question="Which?", pictures=Pictures(dataset="mine", limit=None),
    model=Model(backbone="small", weights="random", image_size=32, hidden_units=8),
    optimizers=["adam"], learning_rates=[0.003, 0.01], seeds=1, epochs=1)
"""
_FILE: dict = {}
exec(STUDY_FILE, _FILE)
STUDY: Study = _FILE["study"]


class Recorder(SilentListener):
    """Keeps what a run says, in order."""

    def __init__(self):
        self.said = []

    def notice(self, text):
        self.said.append(("notice", text))

    def dataset(self, info):
        self.said.append(("dataset", info))

    def planned(self, planned):
        self.said.append(("planned", planned))


def run(study: Study, pictures: Path, folder: Path, listener=None) -> runner.RunOutcome:
    settings = Settings(
        f"sqlite:///{folder}/sweep.db", folder / "cache", folder / "reports", "tensorflow"
    )
    return runner.run(study, Places(str(pictures), None, settings.cache), settings, listener)


def twins_of(number: int) -> tuple[bytes, bytes]:
    picture = Image.fromarray(draw_pet(number)).resize((128, 96), Image.Resampling.BICUBIC)
    return encoded(picture, "PNG"), encoded(picture, "JPEG")


@pytest.fixture
def pets(tmp_path) -> Path:
    """Every pet as PNG and as JPEG: by content alone, some twins are parted."""
    files = {}
    for label, name in enumerate(("cats", "dogs")):
        for number in range(12):
            one, other = twins_of(20 * label + number)
            files |= {f"{name}/{number}.png": one, f"{name}/{number}.jpg": other}
    return write_folder(tmp_path / "pets", files)


class TestStoredDefaults:
    APART = STUDY.replace(pictures=Pictures(dataset="mine", limit=None, twins="apart"))

    def test_a_study_goes_on_as_it_was_begun(self, pets, tmp_path):
        begun = run(self.APART, pets, tmp_path)
        listener = Recorder()
        again = run(STUDY, pets, tmp_path, listener)
        assert (begun.trained, again.trained) == (2, 0)
        assert repr(again.results.trials) == repr(begun.results.trials)
        (text,) = (text for kind, text in listener.said if kind == "notice")
        assert text == (
            "mine goes on as it was begun, with twins 'apart' (now the default is 'together')."
        )

    def test_what_it_gains_is_trained_by_the_same_rule(self, pets, tmp_path):
        run(self.APART, pets, tmp_path)
        more = run(STUDY.replace(seeds=2), pets, tmp_path)
        assert more.trained == 2
        assert more.results.study.pictures.twins == "apart"
        assert len({each.provenance.features_key for each in more.results.runs}) == 1

    def test_the_other_rule_asked_for_is_another_study(self, pets, tmp_path):
        run(self.APART, pets, tmp_path)
        asked = STUDY.replace(pictures=Pictures(dataset="mine", limit=None, twins="together"))
        with pytest.raises(StudyChangedError, match="stored 'apart', now 'together'"):
            run(asked, pets, tmp_path)
        assert run(asked.replace(name="other"), pets, tmp_path).trained == 2

    def test_nothing_is_said_of_a_new_study(self, pets, tmp_path):
        listener = Recorder()
        run(STUDY, pets, tmp_path, listener)
        assert [kind for kind, _ in listener.said] == ["dataset", "planned"]


@pytest.fixture
def broken(tmp_path) -> Path:
    """12 good pictures and 40 that are not."""
    files = {
        f"{name}/{n}.jpg": jpeg(100 * n + len(name)) for name in ("Cat", "Hen!") for n in range(6)
    }
    files |= {f"Cat/empty-{n}.jpg": b"" for n in range(40)}
    return write_folder(tmp_path / "broken", files)


WARNING = "40 of 52 pictures (77 %) cannot be used; most: empty: 40 (Cat/empty-0.jpg, "


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
    (tmp_path / "mine.py").write_text(STUDY_FILE)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_run_tells_before_training_and_in_json_and_report(broken, invoke, tmp_path):
    done = invoke("run", "./mine.py", "--data", str(broken))
    assert done.exit_code == 0, done.stderr
    before, _, after = done.stderr.partition("training: ")
    assert after
    assert "Used: 12 of 52 picture files, 10 to train on and 2 for validation" in before
    assert f"warning: {WARNING}" in before
    again = invoke("run", "./mine.py", "--data", str(broken), "--json")
    assert f"warning: {WARNING}" in again.stderr, "also where nothing else is shown"
    account = json.loads(again.stdout)["account"]
    assert (account["found"], account["used"]) == (52, 12)
    (empty,) = account["skipped"]
    assert (empty["reason"], empty["count"], len(empty["names"])) == ("empty", 40, 3)
    page = (tmp_path / "reports/mine.html").read_text()
    first = page[: page.index('id="verdict"')]
    assert "40 of 52 pictures (77\N{NO-BREAK SPACE}%) cannot be used" in first
    assert "Used: 12 of 52 picture files" in first
    with open_store(f"sqlite:///{tmp_path}/sweep.db") as store:
        assert b"40 of 52 pictures" in Live(store).study("mine").body, "on the server's page too"
    shown = invoke("report", "mine")
    assert f"warning: {WARNING}" in shown.stderr


def test_quiet_leaves_the_warnings(broken, invoke):
    done = invoke("run", "./mine.py", "--data", str(broken), "--quiet")
    assert done.stderr.startswith(f"warning: {WARNING}")


def test_a_program_is_warned_too(broken, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        run(STUDY, broken, tmp_path)
    assert any(WARNING in message for message in caplog.messages)


class TestPlanAndCheck:
    def test_plan_tells(self, broken, invoke):
        planned = invoke("plan", "./mine.py", "--data", str(broken))
        assert "12 of 52 picture files" in planned.stdout
        assert f"warning: {WARNING}" in planned.stderr
        account = json.loads(invoke("plan", "./mine.py", "--data", str(broken), "--json").stdout)
        assert account["account"]["used"] == 12

    def test_check_tells(self, broken, invoke):
        checked = invoke("data", "check", "--data", str(broken))
        assert checked.exit_code == 0
        assert "Skipped: 40 pictures; empty: 40 (Cat/empty-0.jpg" in checked.stdout
        assert f"warning: {WARNING}" in checked.stderr
        told = json.loads(invoke("data", "check", "--data", str(broken), "--json").stdout)
        assert told["classes"]["hen!"] == {"train": 5, "valid": 1}

    def test_check_without_pictures_asks_for_them(self, invoke):
        done = invoke("data", "check", "--classes", "cats,dogs")
        assert done.exit_code == 2
        assert "Add --data" in done.stderr


class TestOptions:
    def check(self, invoke, place, *options):
        done = invoke("data", "check", "--data", str(place), "--json", *options)
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)

    def test_classes_leave_another_out(self, invoke, tmp_path):
        files = {
            f"{name}/{n}.jpg": jpeg(100 * n + k)
            for k, name in enumerate(("Cat", "Dog", "unknown"))
            for n in range(8)
        }
        place = write_zip(tmp_path / "pets.zip", files)
        assert list(self.check(invoke, place)["classes"]) == ["cat", "dog", "unknown"]
        chosen = self.check(invoke, place, "--classes", "cats,dogs")
        assert list(chosen["classes"]) == ["cat", "dog"]
        assert chosen["in_no_class"]["count"] == 8
        assert chosen["warnings"] == [], "it was asked for"
        wrong = invoke("data", "check", "--data", str(place), "--classes", "cats,birds")
        assert "no class birds (there is cat, dog, unknown)" in wrong.stderr
        alone = invoke("data", "check", "--data", str(place), "--classes", "cats")
        assert alone.exit_code == 2
        assert "Classes are two or more, each once." in alone.stderr

    def test_a_given_split_is_kept(self, invoke, tmp_path):
        files = {
            f"{part}/{name}/{n}.jpg": jpeg(1000 * p + 100 * n + k)
            for p, (part, count) in enumerate((("train", 8), ("validation", 4)))
            for k, name in enumerate(("cats", "dogs"))
            for n in range(count)
        }
        place = write_folder(tmp_path / "filtered", files)
        own, given = (self.check(invoke, place, "--split", it) for it in ("own", "given"))
        assert (own["split"], own["train"], own["valid"]) == ("own", 20, 4)
        assert (given["split"], given["train"], given["valid"]) == ("given", 16, 8)
        assert own["parts"] == given["parts"] == ["train", "valid"]

    def test_twins_fall_apart_where_it_is_asked(self, invoke, pets):
        together, apart = self.check(invoke, pets), self.check(invoke, pets, "--twins", "apart")
        assert together["twins"] == {
            "count": 48,
            "in_validation_of_trained": 0,
            "in_several_classes": 0,
        }
        assert apart["twins"]["in_validation_of_trained"] > 0
        assert "--twins together" in apart["warnings"][0]

    def test_they_reach_the_study(self, invoke, pets):
        options = ("--twins", "apart", "--orientation", "applied", "--classes", "dogs,cats")
        planned = json.loads(
            invoke("plan", "./mine.py", "--data", str(pets), "--json", *options).stdout
        )
        assert planned["account"]["twins"]["in_validation_of_trained"] > 0
        assert planned["account"]["orientation"]["rule"] == "applied"


def test_a_program_asks_for_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_CACHE", str(tmp_path / "cache"))
    files = {
        f"{part}/{name}/{n}.jpg": jpeg(1000 * p + 100 * n + k)
        for p, part in enumerate(("train", "val"))
        for k, name in enumerate(("cat", "dog", "other"))
        for n in range(5)
    }
    place = write_folder(tmp_path / "pets", files)
    asked = {"classes": ["dog", "cat"], "split": "given", "twins": "apart"}
    results = sweep.run(STUDY, data=str(place), orientation="applied", **asked)
    assert results.study.pictures.classes == ("cat", "dog")
    assert results.dataset is not None
    assert results.dataset.valid_counts == (5, 5)
    tally = results.dataset.tally
    assert (tally.split, tally.is_upright, tally.are_chosen) == ("given", True, True)


def test_an_ambiguous_folder_is_resolved_as_the_message_says(invoke, tmp_path):
    files = {
        f"{farm}/{name}/{n}.jpg": jpeg(1000 * f + 100 * n + k)
        for f, farm in enumerate(("farm-1", "farm-2"))
        for k, name in enumerate(("fox", "wolf"))
        for n in range(6)
    }
    place = write_folder(tmp_path / "farms", files)
    asked = invoke("data", "check", "--data", str(place))
    assert asked.exit_code == 3
    for classes in ("farm-1,farm-2", "fox,wolf"):
        assert f"--classes {classes}" in asked.stderr
        assert invoke("data", "check", "--data", str(place), "--classes", classes).exit_code == 0
    shutil.rmtree(place / "farm-2")
    assert invoke("data", "check", "--data", str(place)).exit_code == 0
