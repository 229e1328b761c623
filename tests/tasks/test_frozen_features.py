"""The task of a head on frozen features: what it resolves to, what it has, and what it loads."""

import numpy as np
import pytest
from data.picture_folders import jpeg, write_folder
from made_plans import trials_of
from small_study import SMALL

from sweep.errors import UsageError
from sweep.settings import from_environment
from sweep.study.axis import Axis
from sweep.study.rendered import EARLIER, QUICK
from sweep.study.study import Study
from sweep.study.tasks import Model, Pictures
from sweep.tasks.frozen_features import FrozenFeatures, resolve, sizes
from sweep.tasks.task import Places, Sizes, Task, check_axes
from sweep.training.keras_runtime import load_keras
from sweep.util.progress import silent

ZOO = Study(
    name="zoo",
    question="q",
    pictures=Pictures(dataset="zoo", limit=None),
    model=Model(backbone="small", weights="random", image_size=32, precision="float32"),
    optimizers=("adam",),
    learning_rates=(0.01,),
    seeds=1,
)


def never() -> None:
    raise AssertionError("Keras was loaded")


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    """The task of three classes, of which one has more pictures."""
    folder = tmp_path_factory.mktemp("zoo")
    counts = {"cat": 10, "dog": 20, "fox": 10}
    files = {
        f"{name}/{number}.jpg": jpeg(1000 * label + number)
        for label, (name, count) in enumerate(counts.items())
        for number in range(count)
    }
    place = write_folder(folder / "pictures", files)
    return resolve(ZOO, Places(str(place), None, folder / "cache"))


def test_three_classes_resolve_to_a_task(zoo):
    task: Task = zoo
    assert task.study == ZOO
    assert task.notice is None
    assert len(task.key) == 32
    assert task.dataset.class_names == ("cat", "dog", "fox")
    assert task.dataset.baseline == 4 / 8
    assert task.weights.source == "drawn"


def test_data_is_computed_once_then_read_without_keras(zoo):
    keras = []

    def load():
        keras.append(load_keras(from_environment().backend))

    first = zoo.load(load, silent)
    assert len(keras) == 1
    assert first.class_count == 3
    assert first.features_NF.shape == (40, 2048)
    assert first.train_count == 32
    assert np.bincount(first.labels_N).tolist() == [10, 20, 10]
    second = zoo.load(never, silent)
    np.testing.assert_array_equal(second.features_NF, first.features_NF)
    np.testing.assert_array_equal(second.labels_N, first.labels_N)


def test_sizes_are_those_of_the_largest_head(zoo):
    wide = Axis(name="hidden_units", values=(16, 512))
    trials = trials_of(ZOO.replace(axes=[wide], base={"learning_rate": 0.01}))
    assert sizes(100, 10, trials) == Sizes(100, 2000, 40, 4 * 10 * 512)
    assert zoo.sizes(trials).weights_bytes == 4 * 2048 * 512


def test_key_is_that_of_pictures_and_backbone_alone(zoo):
    def key(**changes):
        return FrozenFeatures(
            ZOO.replace(**changes), zoo.pictures, zoo.weights, None, zoo.cache
        ).key

    assert key() == key(epochs=3, seeds=7, batch_size=8) == zoo.key
    assert key(model=ZOO.model.model_copy(update={"image_size": 48})) != zoo.key


@pytest.mark.parametrize(
    ("begun", "limit", "image_size"),
    [(None, 1250, 32), (EARLIER, 2500, 48), (QUICK, 1250, 32)],
)
def test_rendered_pets_are_taken_as_the_stored_study_was_begun(begun, limit, image_size, tmp_path):
    study = ZOO.replace(pictures=Pictures(), model=Model())

    def stored(name: str) -> Study | None:
        assert name == "zoo-rendered-pets"
        return None if begun is None else as_stored(study.on_rendered_pets(begun))

    asked = Places("rendered-pets", None, tmp_path)
    taken = resolve(study, asked, stored=stored).study
    assert (taken.pictures.limit, taken.model.image_size) == (limit, image_size)
    some = resolve(study.replace(pictures=Pictures(limit=60)), asked, stored=stored).study
    assert (some.pictures.limit, some.model.image_size) == (60, image_size)


def as_stored(study: Study) -> Study:
    return Study.stored(study.model_dump(mode="json"))


def test_an_axis_that_a_task_does_not_have_is_refused_with_what_there_is():
    study = SMALL.replace(
        axes=[Axis(name="hidden_units", values=(8, 16))], base={"learning_rate": 1}
    )
    check_axes(study, "a head", {"hidden_units"})
    check_axes(study.replace(axes=[Axis(name="optimizer.beta_2", values=(0.9, 0.99))]), "a", ())
    with pytest.raises(UsageError) as raised:
        check_axes(study, "a network trained end to end", ())
    assert "a network trained end to end" in str(raised.value)
    assert "hidden_units" in raised.value.wrong
    assert "batch_size" in raised.value.remedy
    assert "optimizer.NAME" in raised.value.remedy
    assert "hidden_units" not in raised.value.remedy
