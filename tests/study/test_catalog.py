"""A study file that is broken is refused with its rule, the value got and a remedy."""

import sys

import pytest

from sweep.errors import StudyError
from sweep.study import catalog

START = "from sweep import Study\nstudy = Study(name='mine', question='?', seeds=1, "
START += "optimizers=['adam'], learning_rates=[0.1], "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("raise SystemExit(0)", "line 1: SystemExit: 0"),
        (
            "class Odd(Exception):\n    def __str__(self):\n        return 1 / 0\nraise Odd",
            "line 4: .*Odd: <exception str\\(\\) failed>",
        ),
        (START + "epochs=10**5000)", "epochs = \\(a value of type int that cannot be shown\\)"),
        (START + "model=[[[" + "[" * 90 + "]" * 90 + "]]])", "model = \\[\\[.*dictionary"),
        ("study = " + "(" * 300, "line 1: SyntaxError: too many nested"),
        ("study = '\udc80'", "Error"),
        ("study = 1\0", "null bytes"),
        ("", "no variable is called study"),
    ],
)
def test_a_broken_file_is_told(text, message, tmp_path):
    path = tmp_path / "study.py"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(StudyError, match=message):
        catalog.load(str(path))


@pytest.mark.parametrize("target", ["~no-such-user/study.py", "x" * 300 + ".py", "x\0.py"])
def test_a_path_that_leads_nowhere_is_told(target):
    with pytest.raises(StudyError, match="no study file"):
        catalog.load(target)


def test_what_follows_from_a_fault_inside_is_not_told():
    with pytest.raises(StudyError) as caught:
        catalog.load("lr-robustness", {"learning_rates": [-1], "seeds": [1, 1]})
    _, *problems = str(caught.value.wrong).splitlines()
    assert [problem.split(":")[0].strip() for problem in problems] == ["learning_rates", "seeds"]


@pytest.mark.parametrize(
    "typed", ["lr-robustnes", "lr-robustnses", "LR-Robustness", "lr_robustnes"]
)
def test_a_misspelt_name_has_a_guess(typed):
    with pytest.raises(StudyError, match="did you mean lr-robustness\\?"):
        catalog.load(typed)


def test_a_name_like_no_other_has_no_guess():
    with pytest.raises(StudyError) as caught:
        catalog.load("xyzzy")
    assert caught.value.wrong == "no study 'xyzzy'"
    assert "lr-robustness" in str(caught.value.rule)


def test_files_of_another_project_are_not_run(tmp_path, monkeypatch):
    """A folder called studies may be anybody's."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "studies").mkdir()
    for name, text in {
        "train.py": "raise SystemExit('trained for hours')",
        "tune.py": "import optuna\nstudy = optuna.create_study()\nstudy.optimize(print)",
        "indirect.py": "from mine import study",
        "broken.py": "from sweep import (",
        "_part.py": "import sweep",
        "mine.py": START + ")",
    }.items():
        (tmp_path / "studies" / name).write_text(text)
    own = [entry.name for entry in catalog.entries() if not entry.built_in]
    assert own == ["broken", "indirect", "mine"]


@pytest.mark.parametrize("line", ["from other import study", "from other import *"])
def test_a_file_that_only_imports_a_study_has_none(line, own_module, tmp_path):
    own_module("other", START + ")")
    sys.path.insert(0, str(tmp_path))
    path = tmp_path / "copied.py"
    path.write_text(line)
    with pytest.raises(StudyError, match="defines no study of its own: it imports mine"):
        catalog.load(str(path))
    path.write_text(f"{line}\nstudy = study.replace(name='copied')")
    assert catalog.load(str(path)).name == "copied"


def test_what_a_study_prints_is_no_part_of_the_answer(tmp_path, capsys):
    path = tmp_path / "study.py"
    path.write_text("print('loaded')\n" + START + ")")
    catalog.load(str(path))
    assert capsys.readouterr() == ("", "loaded\n")


def test_the_line_is_told_of_a_relative_path_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "study.py").write_text("\n\nimport no_such_module\n")
    with pytest.raises(StudyError, match="line 3: ModuleNotFoundError"):
        catalog.load("study.py")
