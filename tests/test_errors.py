"""Errors: their parts, how they are printed, and that every place that raises one keeps to that."""

import ast
import pickle
import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import sweep
from sweep import errors
from sweep.errors import StudyError, SweepError, in_one_line

ROOT = Path(sweep.__file__).parent
KINDS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, SweepError)
}
PROPER_NAMES = ("JAX", "Kaleido", "Keras", "Optuna", "Ray", "SQLite")
COMMAND = re.compile(
    r"\bsweep (run|plan|list|status|results|report|serve|new|doctor|data|store)\b|\bpip install\b"
)


class TestParts:
    FULL = StudyError("0 epochs", rule="At least one is needed.", remedy="Add --epochs 10.")

    def test_what_is_wrong_comes_first_and_the_rest_in_lines_of_its_own(self):
        assert str(self.FULL) == (
            "0 epochs\n  rule: At least one is needed.\n  remedy: Add --epochs 10."
        )
        assert str(SweepError("0 epochs")) == "0 epochs"

    def test_they_travel_between_processes(self):
        there = pickle.loads(pickle.dumps(self.FULL))
        assert type(there) is StudyError
        assert (there.wrong, there.rule, there.remedy) == (
            self.FULL.wrong,
            self.FULL.rule,
            self.FULL.remedy,
        )
        assert str(there) == str(self.FULL)


@dataclass(frozen=True)
class Site:
    """A place that makes an error; of its texts, ``{}`` stands for what is filled in."""

    where: str
    positional: int
    wrong: str | None
    named: dict[str, str | None]


def text_of(node: ast.expr | None, constants: dict[str, ast.expr]) -> str | None:
    """The text of an expression; None where it comes from elsewhere."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part, constants) or "{}" for part in parts)
        case ast.FormattedValue(value=ast.Name(id=name)) if name in constants:
            return text_of(constants[name], constants)
        case ast.FormattedValue():
            return "{}"
        case ast.Name(id=name) if name in constants:
            return text_of(constants[name], constants)
    return None


def constants_of(tree: ast.Module) -> dict[str, ast.expr]:
    return {
        target.id: line.value
        for line in tree.body
        if isinstance(line, ast.Assign)
        for target in line.targets
        if isinstance(target, ast.Name)
    }


def sites() -> Iterator[Site]:
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = constants_of(tree)
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", None) in KINDS:
                yield Site(
                    f"{path.relative_to(ROOT)}:{call.lineno}",
                    len(call.args),
                    text_of(call.args[0], constants) if call.args else None,
                    {str(it.arg): text_of(it.value, constants) for it in call.keywords},
                )


SITES = [*sites()]


def begins_well(text: str) -> bool:
    """With a small letter, a number, an option or what is filled in, since "error:" is before."""
    return bool(re.match(r"[a-z0-9{-]", text)) or text.startswith(PROPER_NAMES)


def is_sentence(text: str) -> bool:
    """Also one that ends with what is filled in."""
    return bool(re.match(r"[A-Z{`-]", text)) and text.endswith((".", "…", "}"))


def commands_in_prose(text: str) -> list[str]:
    """Commands that do not stand between backticks, and would be broken at the end of a line."""
    return [found[0] for found in COMMAND.finditer(re.sub(r"`[^`]*`", "", text))]


def test_the_sites_are_found():
    assert len(SITES) > 100
    assert sum(site.wrong is not None for site in SITES) > 0.9 * len(SITES)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.where)
def test_every_error_says_what_is_wrong_the_rule_and_the_remedy(site):
    assert site.positional == 1
    assert {*site.named} <= {"rule", "remedy"}
    assert "remedy" in site.named
    if site.wrong is not None:
        assert begins_well(site.wrong), site.wrong
        assert site.wrong[-1] not in ".\n", site.wrong
        assert not re.search(r"\bmust\b", site.wrong), site.wrong
        assert not commands_in_prose(site.wrong), site.wrong
        named = re.search(r"\{\}|\bno\b|\bboth\b|--\w|\bnot\b", site.wrong)
        assert named, f"it says nothing of what was met: {site.wrong}"
    for text in filter(None, site.named.values()):
        assert is_sentence(text), text
        assert not commands_in_prose(text), text


def test_remedies_in_constants_are_sentences_too():
    found = 0
    for path in ROOT.rglob("*.py"):
        constants = constants_of(ast.parse(path.read_text(encoding="utf-8")))
        for name, value in constants.items():
            text = text_of(value, constants)
            if text and ("REMEDY" in name or name.endswith("_RULE")):
                assert is_sentence(text), (path, name, text)
                assert not commands_in_prose(text), (path, name, text)
                found += 1
    assert found > 5


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StudyError("0 epochs", rule="One.", remedy="Add."), "StudyError: 0 epochs"),
        (ValueError("first\nsecond"), "second"),
        (KeyError("name"), "KeyError: 'name'"),
    ],
)
def test_what_an_exception_says_is_told_in_one_line(error, said):
    """Of one of ours what is wrong, not the last line of its remedy."""
    try:
        raise error
    except Exception:
        assert in_one_line(traceback.format_exc()) == said
    assert in_one_line(" \n") == ""
