"""Data of the user's own: what its function may return, and what is said of all else."""

import sys
from pathlib import Path

import numpy as np
import pytest

from sweep.errors import MemoryShortError, StudyError, UsageError
from sweep.study import Optimizer, Study
from sweep.study.networks import Network
from sweep.tasks.arrays import load_examples
from sweep.tasks.own_data import own_examples
from sweep.tasks.task import Places
from sweep.util.progress import silent

HEAD = "import numpy as np\nr = np.random.default_rng(0)\n"
ARRAYS = "x, y = r.random((12, 3)), np.arange(12) % 3\nu, v = r.random((6, 3)), np.arange(6) % 3\n"


@pytest.fixture
def load(own_module):
    """The examples of a module with this source."""

    def load(body: str, returned: str = "(x, y), (u, v)", **options):
        lines = "".join(f"    {line}\n" for line in (HEAD + ARRAYS + body).splitlines())
        sys.modules.pop("my_data", None)
        own_module("my_data", f"def load():\n{lines}    return {returned}\n")
        return own_examples("my_data:load", **options)

    return load


def test_arrays(load):
    found = load("")
    assert found.inputs_N.shape == (18, 3)
    assert found.inputs_N.dtype == np.float32
    random = np.random.default_rng(0)
    expected = np.concatenate([random.random((12, 3)), random.random((6, 3))])
    np.testing.assert_array_equal(found.inputs_N, expected.astype(np.float32))
    assert found.targets_N.tolist() == [*range(3)] * 6
    assert (found.train_count, found.class_count) == (12, 3)
    account = found.account
    assert account.class_names == ("0", "1", "2")
    assert (account.train_counts, account.valid_counts) == ((4, 4, 4), (2, 2, 2))
    assert account.name == "my_data:load"
    assert not account.are_pictures


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("x, u = x.astype('float16'), u.astype('float16')", np.float16),
        ("x, u = (255 * x).astype('uint8'), (255 * u).astype('uint8')", np.uint8),
        ("x, u = (9 * x).astype('int64'), (9 * u).astype('int64')", np.int64),
        ("u = u.astype('float32')", np.float32),
        ("x, u = x.tolist(), u.tolist()", np.float32),
    ],
)
def test_types_of_inputs_stay_but_for_float64(body, kind, load):
    assert load(body).inputs_N.dtype == kind


@pytest.mark.parametrize(
    ("body", "classes", "shape"),
    [
        ("y, v = y[:, None], v[:, None]", 3, (18,)),  # as Keras' own data sets have them
        ("y, v = y > 0, v > 0", 2, (18,)),
        ("y, v = np.eye(3)[y], np.eye(3)[v]", None, (18, 3)),
        ("y, v = y + 1, v + 1", None, (18,)),
        ("y, v = y * 2, v * 2", None, (18,)),
        ("y, v = y - 1, v - 1", None, (18,)),
        ("y, v = y * 0, v * 0", None, (18,)),
        ("y, v = y * 1.0, v * 1.0", None, (18,)),
        ("y, v = x, u", None, (18, 3)),
    ],
)
def test_only_whole_numbers_from_0_are_classes(body, classes, shape, load):
    found = load(body)
    assert found.class_count == classes
    assert found.targets_N.shape == shape
    assert len(found.account.class_names) == (classes or 0)
    if classes is None:
        assert (found.account.train_counts, found.account.valid_counts) == ((12,), (6,))
        assert found.account.baseline is None


def test_datasets_are_read_once_batch_by_batch(load):
    body = (
        "import keras\n"
        "class Batches(keras.utils.PyDataset):\n"
        "    def __init__(self, x, y):\n"
        "        super().__init__()\n"
        "        self.pair = x, y\n"
        "    def __len__(self):\n"
        "        return -(-len(self.pair[0]) // 5)\n"
        "    def __getitem__(self, at):\n"
        "        return tuple(part[5 * at : 5 * at + 5] for part in self.pair)\n"
    )
    plain = load("")
    batches = load(body, "Batches(x, y), Batches(u, v)")
    mixed = load(body, "(x, y), Batches(u, v)")
    assert batches.content_hash == mixed.content_hash == plain.content_hash
    data = (
        "import tensorflow as tf\ndef of(*pair): return tf.data.Dataset.from_tensor_slices(pair)\n"
    )
    tensors = load(data, "of(x, y).batch(5), of(u, v).batch(4)")
    assert tensors.content_hash == plain.content_hash
    endless = "of(x, y).batch(5).repeat(), of(u, v).batch(4)"
    with pytest.raises(StudyError, match="training examples that never ends"):
        load(data, endless)
    with pytest.raises(StudyError, match="no validation examples"):
        load(data, "(x, y), of(u, v).batch(4).take(0)")


ON_AND_ON = """import keras
class OnAndOn(keras.utils.PyDataset):
    def __len__(self):
        return 10**9
    def __getitem__(self, at):
        return x, y
"""


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("OnAndOn(), (u, v)", "more training examples than fit into memory: 36 were read"),
        ("(x, y), OnAndOn()", "more validation examples than fit into memory: 24 were read"),
    ],
)
def test_what_goes_on_ends_where_memory_does(returned, said, load):
    batch_bytes = 12 * (3 + 1) * 8
    with pytest.raises(MemoryShortError, match=said) as caught:
        load(ON_AND_ON, returned, memory_bytes=2 * batch_bytes)
    assert "dataset.take" in caught.value.remedy
    assert len(load("", memory_bytes=1).inputs_N) == 18, "what is in memory fits"


@pytest.mark.parametrize(
    ("body", "returned", "said"),
    [
        ("", "x", "returned ndarray, and not training and validation"),
        ("", "x, y, u, v", "tuple of 4"),
        ("", "None", "NoneType"),
        ("", "x, u", "ndarray for training, and not inputs and targets"),
        ("", "(x, y, y), (u, v)", "tuple of 3 for training"),
        ("", "(x, y[1:]), (u, v)", "12 training inputs and 11 targets"),
        ("", "(x, y), (u, v[1:])", "6 validation inputs and 5 targets"),
        ("", "(x[:0], y[:0]), (u, v)", "no training examples"),
        ("", "(x, y), (u[:0], v[:0])", "no validation examples"),
        ("", "(x, y), (u[:, :2], v)", r"inputs of several shapes: \(2,\) and \(3,\)"),
        ("", "(x, y), (u, v[:, None])", "targets of several shapes"),
        ("x[3, 1] = np.nan", "(x, y), (u, v)", "training inputs of which 1 numbers"),
        ("v = v * 1.0\nv[2] = np.inf", "(x, y), (u, v)", "validation targets of which 1 numbers"),
        ("x = x.astype(object)", "(x, y), (u, v)", "type object, which are no numbers"),
        ("y = y.astype(str)", "(x, y), (u, v)", "training targets of the type <U"),
        ("x = {'a': x}", "(x, y), (u, v)", "training inputs of the type object"),
        ("x = [[1], [1, 2]] * 6", "(x, y), (u, v)", "training inputs that are no array"),
        ("x = 3", "(x, y), (u, v)", "a single number"),
        ("raise RuntimeError('no file')", "x", "my_data:load fails: RuntimeError: no file"),
    ],
)
def test_what_is_wrong_is_said(body, returned, said, load):
    with pytest.raises(StudyError, match=said) as caught:
        load(body, returned)
    assert caught.value.remedy


def test_hash_is_of_inputs_targets_types_and_split(load):
    bodies = ("", "x[0, 0] += 1", "y[0] = 1", "x, u = x.astype('f2'), u.astype('f2')")
    hashes = {load(body).content_hash for body in bodies}
    other_split = "(np.concatenate([x, u[:3]]), np.concatenate([y, v[:3]])), (u[3:], v[3:])"
    hashes.add(load("", other_split).content_hash)
    assert len(hashes) == 5


def test_a_module_that_is_not_there_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudyError, match="cannot be imported"):
        own_examples("no_such_module_here:load")


def study(data: str) -> Study:
    return Study(
        name="mine",
        question="?",
        optimizers=[Optimizer(label="a", algorithm="sgd")],
        learning_rates=(0.1,),
        seeds=1,
        task=Network(model="mlp", data=data),
    )


@pytest.mark.parametrize("data", ["digits", "my_data:load"])
def test_data_is_not_named_where_the_study_says_it(data, tmp_path):
    asked, places = study(data), Places("pictures/", None, Path(tmp_path))
    with pytest.raises(UsageError, match="--data pictures/, and mine trains on"):
        load_examples(asked, asked.task, places, silent)


def test_digits_by_name(tmp_path):
    asked = study("digits")
    found = load_examples(asked, asked.task, Places(None, None, tmp_path), silent)
    assert len(found.inputs_N) == 1797
