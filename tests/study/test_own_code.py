"""An optimizer of the user's own is known by the content of its files, and nothing of it is run."""

import subprocess
import sys
from pathlib import Path

import pytest

from sweep.errors import StudyError
from sweep.study.optimizer import Optimizer
from sweep.study.own_code import codes_of, own_code, own_places

FILES = {
    "mine.py": "import keras\nimport helper\n\n\nclass Mine(keras.optimizers.Adam):\n    pass\n",
    "helper.py": "def use():\n    from steps import rate\n    return rate\n",
    "steps/__init__.py": "from . import rate\nfrom .deep.inner import x\n",
    "steps/rate.py": "import numpy\n",
    "steps/deep/__init__.py": "",
    "steps/deep/inner.py": "from .. import rate\nfrom ...far import y\nx = 1\n",
    "space/inner/rule.py": "import helper\n",
    "unrelated.py": "import helper\n",
    "raises.py": "import helper\nraise RuntimeError('run')\n",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


ALL = ["helper.py", "mine.py", "steps/__init__.py", "steps/deep/__init__.py"]
ALL += ["steps/deep/inner.py", "steps/rate.py"]


def test_every_file_that_is_imported_however_deep():
    assert [*own_code("mine:Mine")] == ALL
    assert all(len(found) == 64 for found in own_code("mine:Mine").values())


def test_the_packages_around_a_module_are_its_files_too():
    assert [*own_code("steps.deep.inner:X")] == ALL[2:]


def test_what_is_taken_along_are_outermost_packages_and_files(folder):
    assert own_places("mine:Mine") == {folder / "mine.py", folder / "helper.py", folder / "steps"}
    expected = {folder / "space", folder / "helper.py", folder / "steps"}
    assert own_places("space.inner.rule:X") == expected
    assert own_places("keras.optimizers:Adam") == set()


def test_modules_in_another_folder_are_taken_along_from_there(folder, monkeypatch):
    (folder / "source/package").mkdir(parents=True)
    (folder / "source/package/module.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(folder / "source")
    assert own_places("package.module:x") == {folder / "source/package"}


def test_a_folder_without_init_is_a_package():
    assert [*own_code("space.inner.rule:X")] == ["helper.py", "space/inner/rule.py", *ALL[2:]]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("added", ["x = 2\n", "# a comment counts as content\n"])
def test_an_edit_changes_the_hash_of_its_file_alone(name, added, folder):
    before = own_code("mine:Mine")
    (folder / name).write_text(FILES[name] + added)
    after = own_code("mine:Mine")
    assert {file for file in before if before[file] != after[file]} == {name}


def test_an_edit_of_what_this_process_has_imported_is_refused(folder):
    """It would train with the class that is loaded, under the hash of the new one."""
    script = (
        "from pathlib import Path\n"
        "from sweep.errors import StudyError\n"
        "from sweep.study.own_code import own_code\n"
        "own_code('space.inner.rule:Mine')\n"
        "Path('helper.py').write_text('x = 1')\n"
        "own_code('space.inner.rule:Mine')\n"
        "import helper\n"
        "Path('helper.py').write_text('x = 2')\n"
        "try: own_code('space.inner.rule:Mine')\n"
        "except StudyError as error: print(error.wrong)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, cwd=folder, capture_output=True, text=True
    )
    assert done.stdout == "helper.py was edited after this process had imported helper\n"


def test_an_unrelated_file_changes_nothing(folder):
    before = own_code("mine:Mine")
    (folder / "unrelated.py").write_text("x = 3\n")
    assert own_code("mine:Mine") == before


def test_a_module_that_a_file_begins_to_import_counts(folder):
    (folder / "mine.py").write_text(FILES["mine.py"] + "import unrelated\n")
    assert "unrelated.py" in own_code("mine:Mine")


def test_a_studys_optimizers_by_label():
    optimizers = [
        Optimizer(label="adam", algorithm="adam"),
        Optimizer(label="m", algorithm="steps.rate:Mine"),
    ]
    assert codes_of(optimizers) == {"m": own_code("steps.rate:Mine")}


def test_nothing_is_run():
    assert "raises.py" in own_code("raises:Mine")


def test_no_library_is_loaded(folder):
    script = (
        "import sys; from sweep.study.own_code import own_code; own_code('mine:Mine')\n"
        "assert not {'keras', 'tensorflow', 'mine', 'helper'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=folder)


@pytest.mark.parametrize(
    "algorithm",
    ["adam", "keras.optimizers:Adam", "sweep.optimizers.radam:RAdam", "fractions:Fraction"],
)
def test_what_is_installed_is_known_by_its_version(algorithm):
    assert own_code(algorithm) == {}


def test_a_folder_of_installed_packages_within_the_current_one(folder):
    installed = folder / ".venv" / "lib" / "site-packages"
    installed.mkdir(parents=True)
    (installed / "bought.py").write_text("")
    script = "import sys; from sweep.study.own_code import own_code; print(own_code('bought:Mine'))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.append({str(installed)!r})\n{script}"],
        check=True,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "{}\n"


@pytest.mark.parametrize("module", ["none", "steps.none", "mine.none", "none.at.all"])
def test_a_module_that_is_not_there(module):
    with pytest.raises(StudyError, match=":Mine' names") as caught:
        own_code(f"{module}:Mine")
    assert caught.value.wrong.startswith(f"no module '{module}'")
    assert f"{module}.py" in str(caught.value.remedy)


@pytest.mark.parametrize("content", [b"class (", b"x = 1\0", b"\xff\xfe"])
def test_a_file_that_is_not_python_is_named(content, folder):
    (folder / "helper.py").write_bytes(content)
    with pytest.raises(StudyError, match="cannot be read") as caught:
        own_code("mine:Mine")
    assert str(caught.value.wrong).startswith("helper.py of 'mine:Mine'")
