"""More than two classes, the whole way: from class folders to stored results."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from sweep import runner
from sweep.results.records import Outcome
from sweep.settings import Settings
from sweep.study.study import Study
from sweep.study.tasks import Model, Pictures
from sweep.tasks.task import Places

COLOURS = {"blue": (40, 60, 200), "green": (40, 180, 60), "red": (200, 50, 40)}
MODEL = Model(backbone="small", weights="random", image_size=32, hidden_units=32)


def study_of(name: str, **changes) -> Study:
    fields = {
        "name": name,
        "question": "Can it tell them apart?",
        "pictures": Pictures(dataset=name, limit=None),
        "model": MODEL,
        "optimizers": ("adam", "radam"),
        "learning_rates": (0.003, 0.01),
        "seeds": 2,
        "epochs": 5,
        "batch_size": 16,
    }
    return Study(**fields | changes)


def run(study: Study, pictures: Path, folder: Path) -> runner.RunOutcome:
    settings = Settings(
        f"sqlite:///{folder}/sweep.db", folder / "cache", folder / "reports", "tensorflow"
    )
    return runner.run(study, Places(str(pictures), None, settings.cache), settings)


def write_colours(root: Path, per_class: int = 20) -> Path:
    """Patches of a colour with noise, a folder a colour."""
    random = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (root / name).mkdir(parents=True)
        for number in range(per_class):
            pixels = np.clip(random.normal(colour, 40, (24, 24, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    return root


def write_digits(root: Path) -> Path:
    """scikit-learn's 1,797 digits of 8 × 8 pixels, ten class folders of PNGs."""
    digits = load_digits()
    for number, (pixels, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        folder = root / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray((pixels * 255 / 16).astype(np.uint8)).save(folder / f"{number}.png")
    return root


@pytest.fixture(scope="module")
def colours(tmp_path_factory):
    """A study of three classes, its pictures, and its run."""
    folder = tmp_path_factory.mktemp("colours")
    study, pictures = study_of("colours"), write_colours(folder / "pictures")
    return study, pictures, folder, run(study, pictures, folder)


def test_three_classes_are_trained_and_told_apart(colours):
    *_, outcome = colours
    assert (outcome.trained, outcome.failed) == (8, 0)
    assert {trial.outcome for trial in outcome.results.trials} == {Outcome.COMPLETED}
    last = [trial.epochs[-1].valid_accuracy for trial in outcome.results.trials]
    assert min(last) > 0.9


def test_before_training_the_loss_is_about_that_of_three_classes(colours):
    *_, outcome = colours
    before = [trial.epochs[0] for trial in outcome.results.trials]
    assert all(0.5 * np.log(3) < epoch.valid_loss < 4 * np.log(3) for epoch in before)


def test_what_is_known_of_the_classes_is_stored_and_measured(colours):
    *_, outcome = colours
    dataset = outcome.results.runs[-1].provenance.pictures
    assert dataset.class_names == ("blue", "green", "red")
    assert (dataset.train_counts, dataset.valid_counts) == ((16,) * 3, (4,) * 3)
    assert dataset.baseline == pytest.approx(1 / 3)
    assert outcome.evidence.grid.baseline == pytest.approx(1 / 3)


def test_second_run_trains_nothing(colours):
    study, pictures, folder, outcome = colours
    again = run(study, pictures, folder)
    assert again.trained == 0
    assert repr(again.results.trials) == repr(outcome.results.trials)


def test_a_class_more_is_another_study(colours, tmp_path):
    """Other pictures: the fingerprints change, and nothing is taken over."""
    study, *_, outcome = colours
    fourth = write_colours(tmp_path / "pictures")
    (fourth / "yellow").mkdir()
    for number in range(20):
        Image.new("RGB", (24, 24), (220, 200, number)).save(fourth / f"yellow/{number}.png")
    small = study.replace(optimizers=("adam",), learning_rates=(0.003,), seeds=1)
    other = run(small, fourth, tmp_path)
    known = {trial.fingerprint for trial in outcome.results.trials}
    assert known.isdisjoint(trial.fingerprint for trial in other.results.trials)


def test_ten_digits_are_learnt(tmp_path):
    study = study_of(
        "digits",
        pictures=Pictures(dataset="digits", limit=1000),
        model=MODEL.model_copy(update={"hidden_units": 64}),
        optimizers=("adam",),
        learning_rates=(0.0003, 0.001),
        seeds=1,
        epochs=6,
        batch_size=32,
    )
    outcome = run(study, write_digits(tmp_path / "digits"), tmp_path)
    dataset = outcome.results.runs[-1].provenance.pictures
    assert dataset.class_names == tuple("0123456789")
    assert dataset.name == "digits"
    assert sum(dataset.valid_counts) == 200
    assert dataset.baseline == 0.1
    for trial in outcome.results.trials:
        assert trial.epochs[0].valid_accuracy < 0.4
        assert trial.epochs[-1].valid_accuracy > 0.8
