"""In which precision features are computed: decided when a study is begun, and kept from then on.

A machine is told by a file as its kernel writes it.
"""

import pytest
from data.picture_folders import jpeg, write_folder
from small_study import SMALL

from sweep.errors import StudyChangedError
from sweep.planning.listener import SilentListener
from sweep.runner import run
from sweep.settings import Settings
from sweep.study.study import Study
from sweep.study.tasks import Model, Pictures
from sweep.study.variation import vary
from sweep.tasks.frozen_features import resolve
from sweep.tasks.task import Places
from sweep.util.machine import Machine

VGG = Study(
    name="vgg",
    question="q",
    pictures=Pictures(dataset="zoo", limit=None),
    model=Model(weights="random", image_size=32),
    optimizers=("adam",),
    learning_rates=(0.01,),
    seeds=1,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """With a dozen pictures, and two machines that differ in their processors."""
    folder = tmp_path_factory.mktemp("zoo")
    files = {
        f"{name}/{n}.jpg": jpeg(n + 100 * len(name)) for name in ("ox", "cat") for n in range(6)
    }
    write_folder(folder / "pictures", files)
    for name, flags in (("amx", "avx512f amx_bf16"), ("avx2", "avx2")):
        (folder / name).write_text(f"flags : {flags}\n")
    return folder


@pytest.fixture
def resolved(folder):
    """Resolves a study on a machine, beside what is stored of it."""

    def resolve_on(machine, study, stored=None, cache="cache"):
        return resolve(
            study,
            Places(str(folder / "pictures"), None, folder / cache),
            stored=lambda _: stored,
            machine=Machine("tensorflow", folder / machine),
        )

    return resolve_on


def with_precision(study, precision):
    return vary(study, {"precision": precision})


def test_it_is_left_to_the_machine_that_begins_the_study(resolved):
    assert VGG.model.precision == "auto"
    begun = {machine: resolved(machine, VGG) for machine in ("amx", "avx2")}
    assert begun["amx"].study == with_precision(VGG, "mixed_bfloat16")
    assert begun["avx2"].study == with_precision(VGG, "float32")
    assert begun["amx"].key != begun["avx2"].key
    assert begun["amx"].notice is begun["avx2"].notice is None


def test_features_that_take_seconds_are_the_same_on_every_machine(resolved):
    small = VGG.replace(model=Model(backbone="small", weights="random", image_size=32))
    on_amx = resolved("amx", small)
    assert on_amx.study.model.precision == "float32"
    assert on_amx.key == resolved("avx2", small).key


@pytest.mark.parametrize("asked", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("machine", ["amx", "avx2"])
def test_what_is_asked_for_is_taken(resolved, machine, asked):
    study = with_precision(VGG, asked)
    assert resolved(machine, study).study.model.precision == asked


def test_a_stored_study_goes_on_as_it_was_begun_on_any_machine(resolved):
    for begun, other in (("amx", "avx2"), ("avx2", "amx")):
        first = resolved(begun, VGG)
        for asked in (VGG, with_precision(VGG, "auto"), VGG.replace(seeds=3)):
            assert resolved(other, asked, stored=first.study).key == first.key


def test_a_study_that_goes_on_where_it_is_slow_says_so_until_its_features_are_there(
    resolved, folder
):
    begun = resolved("amx", VGG)
    moved = resolved("avx2", VGG, stored=begun.study)
    assert moved.notice is not None
    assert "vgg has its features in bfloat16, which this machine does not" in moved.notice
    assert "--precision float32" in moved.notice
    (folder / "moved" / "features" / begun.key).mkdir(parents=True)
    assert resolved("avx2", VGG, stored=begun.study, cache="moved").notice is None


class Listener(SilentListener):
    """Keeps the units of what is told while features are computed."""

    def __init__(self):
        super().__init__()
        self.units = set()

    def progress(self, task, _done, _total, unit):
        if task == "features":
            self.units.add(unit)


def test_what_a_run_took_is_told_and_stored_and_stays(tmp_path):
    """By real runs: the second one is left to the machine, and takes what is stored."""
    settings = Settings(f"sqlite:///{tmp_path}/s.db", tmp_path, tmp_path / "reports", "tensorflow")
    study = SMALL.replace(optimizers=("adam",), learning_rates=(0.01,), seeds=1, epochs=1)

    def outcome_of(precision):
        listener = Listener()
        asked = with_precision(study, precision)
        return run(asked, Places(None, None, tmp_path), settings, listener), listener.units

    begun, units = outcome_of("mixed_bfloat16")
    assert (begun.trained, units) == (1, {"pictures in bfloat16"})
    assert "features in bfloat16" in begun.page
    again, units = outcome_of("auto")
    assert (again.trained, units) == (0, set())
    assert again.results.study.model.precision == "mixed_bfloat16"
    with pytest.raises(StudyChangedError) as raised:
        outcome_of("float32")
    assert "model.precision: stored 'mixed_bfloat16', now 'float32'" in raised.value.wrong
