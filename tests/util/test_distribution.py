"""The distribution has a name of its own; the command and the import package are ``sweep``."""

import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import sweep
from sweep.cli.app import main
from sweep.errors import MissingError
from sweep.training.keras_runtime import versions
from sweep.util.distribution import DISTRIBUTION, __version__, check_package, installed, installing

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PLACES = ("README.md", "pyproject.toml", ".ci", ".github", "docker", "studies", "sweep")
NAMES_THE_OTHER = re.compile(r"\b(install|add)\b[^\n&]*[ '\"]sweep\b|\bsweep\[[a-z]")


def texts():
    for place in PLACES:
        for path in (ROOT / place, *(ROOT / place).rglob("*")):
            is_text = path.suffix != ".png" and "__pycache__" not in path.parts
            if path.is_file() and is_text:
                yield path, path.read_text(encoding="utf-8")


def test_every_name_leads_to_this_program():
    found = metadata.distribution(DISTRIBUTION)
    assert found.version == __version__ == sweep.__version__
    [script] = found.entry_points.select(group="console_scripts", name="sweep")
    assert script.load() is main
    assert versions(["sweep", "no such"]) == {"sweep": __version__}


def test_the_project_is_called_so_and_refers_to_itself_so():
    assert PROJECT["name"] == DISTRIBUTION != "sweep"
    extras = PROJECT["optional-dependencies"]
    wanted = [Requirement(line) for lines in extras.values() for line in lines]
    own = [each for each in wanted if canonicalize_name(each.name) == DISTRIBUTION]
    assert len(own) == 4
    assert {extra for each in own for extra in each.extras} < set(extras)
    assert not [each for each in wanted if each.name == "sweep"]


@pytest.mark.parametrize(
    "said", ["pip install sweep", "uv add sweep", "pip install -U 'sweep[ray]'", "sweep[jax]"]
)
def test_the_other_project_is_recognized(said):
    assert NAMES_THE_OTHER.search(said)


def test_nothing_says_to_install_the_other_project():
    assert [path for path, text in texts() if NAMES_THE_OTHER.search(text)] == []


def test_every_extra_that_is_named_exists():
    named = re.compile(r"""installing\(['"](\w+)['"]\)|\.\[(\w+)\]""")
    extras = {one or other for _, text in texts() for one, other in named.findall(text)}
    assert extras >= {"ray", "kaleido", "postgres", "parquet"}
    assert extras <= set(PROJECT["optional-dependencies"])
    assert installing("ray") == f"pip install '{DISTRIBUTION}[ray]'"


def test_another_project_that_has_overwritten_the_package_is_told(tmp_path):
    """As ``pip install sweep`` leaves it: the other one's ``__init__.py`` in our folder."""
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / "__init__.py").write_text("def fas2sweep(): ...\n")
    for part in Path(sweep.__file__).parent.iterdir():
        if part.name not in ("__init__.py", "__pycache__"):
            (tmp_path / "sweep" / part.name).symlink_to(part)
    done = subprocess.run(
        [sys.executable, "-m", "sweep.cli", "list"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 3, done.stderr
    assert "pip uninstall sweep" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_left_when_the_other_project_was_uninstalled_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "sweep", ModuleType("sweep"))
    with pytest.raises(MissingError, match="no file"):
        check_package()


def test_this_package_is_taken():
    check_package()


@pytest.mark.parametrize(
    ("distributions", "said"),
    [
        ([], f"{DISTRIBUTION} {__version__}, not installed: a checkout"),
        ([DISTRIBUTION], f"{DISTRIBUTION} {__version__}"),
        ([DISTRIBUTION, "sweep"], None),
        (["sweep"], None),
    ],
)
def test_doctor_tells_what_is_installed_in_the_package(distributions, said, monkeypatch, tmp_path):
    for name in distributions:
        folder = tmp_path / f"{name.replace('-', '_')}-2.1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.1\n")
        (folder / "top_level.txt").write_text("sweep\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    if said is None:
        with pytest.raises(MissingError, match="also of sweep"):
            installed()
    else:
        assert installed() == said
