"""Studies, broken: files, arguments and options either make a whole study or say what is wrong."""

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import typer
from fuzz.cases import run_cases, told_clearly
from fuzz.damage import damaged
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from made_plans import cohorts_of, trials_of
from pydantic import ValidationError

from sweep.cli.texts import bytes_of, changes_of
from sweep.store import open_store
from sweep.study import catalog
from sweep.study.axis import Axis
from sweep.study.hyperparameters import HYPERPARAMETERS
from sweep.study.optimizer import ALGORITHMS, COMMON_SETTINGS
from sweep.study.problems import invalid
from sweep.study.study import Study

FIELDS: dict[str, str] = {
    "name": "'mine'",
    "question": "'Which one?'",
    "optimizers": "['adam', Optimizer(label='mine', algorithm='sgd', settings={'momentum': 0.9})]",
    "learning_rates": "log_spaced(0.001, 0.1, 5)",
    "axes": "[Axis(name='batch_size', values=(16, 32))]",
    "base": "{'optimizer.weight_decay': 0.1}",
    "seeds": "3",
    "epochs": "4",
    "batch_size": "32",
    "pictures": "Pictures(dataset='mine', limit=100, validation_share=0.25)",
    "model": "Model(backbone='small', weights='random', image_size=48)",
}
VALUES = (
    *("0", "-1", "1", "2", "3.5", "1e308", "-0.0", "10**30", "10**5000", "-(10**5000)", "10**9"),
    *("float('nan')", "float('inf')", "True", "None", "''", "'adam'", "'\\udc80'", "'\\x00'"),
    *("'x' * 100_000", "[]", "{}", "()", "[[]]", "set()", "object()", "...", "print", "b'x'"),
    *("['adam', 'adam']", "['no-such']", "[1, 'adam', None]", "{'adam': 1}", "range(3)"),
    *("range(10**12)", "[0.1] * 3", "[0.1, 0.2]", "[float('nan')]", "['0.1', '1e-3']"),
    *("log_spaced(0, 1, 3)", "log_spaced(1, 2, 0)", "log_spaced(1, 2, -5)", "log_spaced(1, 2, 1)"),
    *("log_spaced(1, 2, 10**9)", "log_spaced(-1, 1, 3)", "log_spaced(1e-300, 1e300, 4)"),
    *("Warmup(steps=3)", "Warmup(share=2)", "Optimizer(label='', algorithm='adam')"),
    *("[Optimizer(label='a', algorithm='adam', settings={'beta_1': 10**400})]",),
    *("[Optimizer(label='a', algorithm='adam', settings={'beta_1': 10**5000})]",),
    *("[Optimizer(label='a', algorithm='m:C', settings={'x': [1]})]", "Pictures(limit=10**40)"),
    *("[Optimizer(label='a', algorithm='m:C', settings={'x': 10**5000})]",),
    *("__import__('functools').reduce(lambda inner, _: [inner], range(10**5), [])",),
    *("[spaced('batch_size', 16, 64, 3)]", "[spaced('epochs', 1, 2, 9)]", "[Axis(name='x')]"),
    *("[Axis(name='batch_size', values=(10**5000,))]", "[Axis(name='epochs', values=[True, 2])]"),
    *("[Axis(name='optimizer.x', values=(-1, 1))] * 2", "[{'name': 'epochs', 'values': [1]}]"),
    *("[Axis(name='warmup.steps', values=(1, 9)), Axis(name='warmup.share', values=(0.5,))]",),
    *("{'learning_rate': 0.1}", "{'epochs': 3}", "{'batch_sise': 1}", "{'learning_rate': None}"),
    *("1 / 0", "exit()", "Study()", "no_such_name", "open('/no/such/file')", "eval('1 +')"),
    *("(" * 300 + ")" * 300, "[" * 150 + "]" * 150, "-" * 5000 + "1", "yield", "await x"),
)
CASES_FOR_ONE_WHOLE = 50
"""So many made studies have one among them that is whole: the good way is tried too."""
MAX_PLANNED = 5_000
"""Trials that a case has time to plan."""

numbers = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([10**4200, -(10**4200), 2**63, 2**31, 10**9, True, 0, 1]),
)
anything = st.recursive(
    st.none() | numbers | st.text(max_size=20) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
names_of_settings = st.sampled_from(sorted(frozenset(COMMON_SETTINGS).union(*ALGORITHMS.values())))
names_of_axes = st.sampled_from([*HYPERPARAMETERS, "optimizer.x", "warmup.length"])
optimizers = st.one_of(
    st.sampled_from(sorted(ALGORITHMS)),
    st.fixed_dictionaries(
        {"label": st.text(max_size=70), "algorithm": st.sampled_from([*ALGORITHMS, "a.b:C", "x"])},
        optional={
            "settings": st.dictionaries(
                names_of_settings | st.text(max_size=9), numbers | anything, max_size=3
            ),
            "warmup": st.fixed_dictionaries({}, optional={"steps": numbers, "share": numbers}),
            "learning_rate": numbers,
            "fixed": st.lists(names_of_axes, max_size=2),
            "values": st.dictionaries(names_of_axes, st.lists(numbers, max_size=3), max_size=2),
        },
    ),
)
RIGHT: dict[str, st.SearchStrategy] = {
    "name": st.text("abcdé- ", min_size=1).map(lambda text: f"a{text}b"),
    "question": st.text(st.characters(codec="utf-8")),
    "optimizers": st.lists(
        st.sampled_from(sorted(ALGORITHMS)), min_size=1, max_size=4, unique=True
    ),
    "learning_rates": st.lists(st.floats(1e-9, 10), min_size=1, max_size=5, unique=True),
    "axes": st.sampled_from([(), (Axis(name="batch_size", values=(8, 16)),)]),
    "base": st.dictionaries(
        st.sampled_from(["learning_rate", "optimizer.weight_decay"]), st.floats(0.1, 1)
    ),
    "seeds": st.integers(1, 4) | st.lists(st.integers(0, 99), min_size=1, max_size=4, unique=True),
    "epochs": st.integers(1, 20),
    "batch_size": st.integers(1, 128),
}
BROKEN: dict[str, st.SearchStrategy] = {
    "name": st.text(max_size=130) | anything,
    "question": st.text() | anything,
    "optimizers": st.lists(optimizers, max_size=3) | anything,
    "learning_rates": st.lists(numbers) | anything,
    "axes": anything
    | st.lists(
        st.fixed_dictionaries(
            {"name": names_of_axes | st.text(max_size=9), "values": st.lists(numbers, max_size=4)},
            optional={"scale": st.sampled_from(["log", "reverse_log", "linear", "ordinal", "x"])},
        ),
        max_size=3,
    ),
    "base": anything | st.dictionaries(names_of_axes | st.text(max_size=9), numbers, max_size=3),
    "seeds": st.lists(numbers, max_size=4) | numbers | anything,
    "epochs": numbers | anything,
    "batch_size": numbers | anything,
    "pictures": anything
    | st.fixed_dictionaries(
        {}, optional={"dataset": anything, "limit": numbers, "validation_share": numbers}
    ),
    "model": anything
    | st.fixed_dictionaries(
        {},
        optional={
            "backbone": st.sampled_from(["vgg16", "vgg19", "small", "big", 3]),
            "weights": st.sampled_from(["imagenet", "random", "file", None]),
            "image_size": numbers | st.integers(32, 1024),
            "hidden_units": numbers | st.integers(1, 512),
            "precision": st.sampled_from(["float32", "mixed_bfloat16", "int8"]),
        },
    ),
    "learning_rate": anything,
}


@st.composite
def arguments(draw: st.DrawFn) -> dict[str, Any]:
    """Those of a study, at most two of them broken."""
    said = {name: draw(right) for name, right in RIGHT.items()}
    for name in draw(st.lists(st.sampled_from(sorted(BROKEN)), max_size=2, unique=True)):
        said[name] = draw(BROKEN[name])
    return said


def assert_whole(study: Study) -> None:
    """It survives being stored, and can be planned: nothing downstream checks again."""
    stored = json.loads(json.dumps(study.model_dump(mode="json"), allow_nan=False))
    assert Study.model_validate(stored) == study
    study.question.encode()
    study.name.encode()
    assert 1 <= len(study.axes) <= 2
    for values in (*(axis.values for axis in study.axes), study.seeds):
        assert list(values) == sorted(set(values))
    for axis in study.axes:
        assert all(axis.hyperparameter.checked(value) == value for value in axis.values)
        assert np.all(np.isfinite(axis.position(axis.values)))
    if study.planned_trials <= MAX_PLANNED:
        planned = trials_of(study, "key")
        assert len(planned) == study.planned_trials
        trainings = len({trial.fingerprint for trial in planned})
        assert sum(len(cohort.trials) for cohort in cohorts_of(study, "key")) == trainings
        if [axis.name for axis in study.axes] == ["learning_rate"] and not study.base:
            assert trainings == study.planned_trials


def source(fields: dict[str, str]) -> str:
    said = "".join(f"    {name}={value},\n" for name, value in fields.items())
    return f"from sweep import *\nfrom sweep.study import *\n\nstudy = Study(\n{said})\n"


def broken_source(rng: Random) -> bytes:
    """A study file with wrong values, wrong names, or bytes that are no Python any more."""
    fields = dict(FIELDS)
    for _ in range(rng.randint(0, 3)):
        name = rng.choice(list(fields))
        what = rng.random()
        if what < 0.8:
            fields[name] = rng.choice(VALUES)
        elif what < 0.9 and len(fields) > 1:
            del fields[name]
        else:
            fields[name.replace("e", "3")] = fields.pop(name)
    text = source(fields).encode(errors="surrogatepass")
    return damaged(text, rng) if rng.random() < 0.5 else text


def a_broken_study_file(rng: Random, folder: Path) -> None:
    path = folder / "study.py"
    path.write_bytes(broken_source(rng))
    assert_whole(catalog.load(str(path)))


def split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def expected_rates(text: str) -> list[float]:
    if ":" not in text:
        return sorted(map(float, split(text)))
    low, high, count = text.split(":")
    exponents = [index / max(1, int(count) - 1) for index in range(int(count))]
    return sorted(float(low) * (float(high) / float(low)) ** exponent for exponent in exponents)


PIECES = (
    *("0.01", "0.1", "1e-3", "3", "7", "-1", "0", "nan", "inf", "-inf", "1e999", "1e-999", "adam"),
    *(
        "radam",
        "sgd",
        "adam-warmup",
        ",",
        ",",
        ",",
        ":",
        ":",
        " ",
        "",
        "1_0",
        "٣",
        "0x10",
        "9" * 30,
    ),
    *(
        "=",
        ":",
        "batch_size",
        "epochs",
        "learning_rate",
        "warmup.steps",
        "optimizer.beta_2",
        "beta",
    ),
    *("9" * 5000, "\udc80", "é", "\t", "GB", "MB", "gb", "6", "6GB", "KB", "/", "@", "?", "="),
)


AXES = ("batch_size=16:64:3", "optimizer.beta_2=0.9,0.99", "epochs=2", "learning_rate=0.1:1:2")
BASES = ("learning_rate=0.1", "optimizer.weight_decay=0.01", "epochs=3", "warmup.steps=5")


QUERIES = ("timeout", "mode", "uri", "cached_statements", "x")
KINDS = ("sqlite", "sqlite+x", "postgres", "mysql", "file", "")


def text_of_pieces(rng: Random) -> str:
    return "".join(rng.choice(PIECES) for _ in range(rng.randint(0, 7)))


def texts(rng: Random, typical: Sequence[str]) -> list[str] | None:
    """Several of an option, right ones and broken ones; mostly none."""
    if rng.random() < 0.6:
        return None
    return [
        rng.choice(
            (
                rng.choice(typical),
                f"{rng.choice(typical)}{text_of_pieces(rng)}",
                text_of_pieces(rng),
            )
        )
        for _ in range(rng.randint(0, 3))
    ]


def broken_options(rng: Random, _folder: Path) -> None:
    """What a command line can say of a study, through the command line's own parsers."""
    typical = {
        "optimizers": "radam,adam",
        "learning_rates": rng.choice(("0.01,0.1", "0.001:1:7", "0.5")),
        "seeds": rng.choice(("3", "0,5,2")),
    }
    said = {
        name: text_of_pieces(rng) if rng.random() < 0.5 else text for name, text in typical.items()
    }
    numbers = [None, 1, 0, -5, 10, 2**31, 10**30, 10**5000]
    try:
        axes, base = texts(rng, AXES), texts(rng, BASES)
        if axes and rng.random() < 0.5:
            del said["learning_rates"]
        changes = changes_of(
            name=rng.choice((None, "mine", text_of_pieces(rng))),
            **said,
            epochs=rng.choice(numbers),
            pictures=rng.choice(numbers),
            axes=axes,
            base=base,
        )
        limit = bytes_of(text := rng.choice((None, "6GB", "800 MB", text_of_pieces(rng))))
        if limit is not None:
            assert math.isclose(
                limit, float(text[:-2]) * (1e9 if text[-2:].upper() == "GB" else 1e6)
            )
        study = catalog.load("lr-robustness", changes)
    except typer.BadParameter:
        return
    assert_whole(study)
    swept = {axis.name: axis.values for axis in study.axes}
    assert len(swept) == len(axes or ()) + ("learning_rates" in said)
    if "learning_rates" in said:
        rates = expected_rates(said["learning_rates"])
        assert swept["learning_rate"] == pytest.approx(rates, rel=1e-3)
    assert [optimizer.label for optimizer in study.optimizers] == split(said["optimizers"])
    seeds = said["seeds"]
    expected = sorted(map(int, split(seeds))) if "," in seeds else list(range(int(seeds)))
    assert list(study.seeds) == expected


def places(rng: Random, folder: Path) -> Iterator[str]:
    """Paths and addresses that lead nowhere, or nowhere good."""
    for _ in range(4):
        yield from (
            text_of_pieces(rng),
            f"~{text_of_pieces(rng)}/x.py",
            f"{folder}/{'x' * rng.choice((10, 300, 5000))}.py",
            f"sqlite:///{folder}/{text_of_pieces(rng)}",
            f"sqlite:///{folder}/x.db?{rng.choice(QUERIES)}={text_of_pieces(rng)}",
            f"{rng.choice(KINDS)}://{text_of_pieces(rng)}",
        )


def broken_places(rng: Random, folder: Path) -> None:
    """Targets and store addresses as a command line can say them."""
    for place in places(rng, folder):
        place = place.replace("\0", "").replace("\udc80", "x")
        with told_clearly():
            catalog.load(place)
        with told_clearly():
            is_ours = place.startswith(f"sqlite:///{folder}")
            open_store(place, create=is_ours and rng.random() < 0.5).close()


def test_study_files(cases, tmp_path):
    run_cases(cases, a_broken_study_file, tmp_path)


def test_options(cases, tmp_path):
    run_cases(cases, broken_options, tmp_path)


@pytest.mark.filterwarnings("ignore:Query string argument:sqlalchemy.exc.SAWarning")
def test_places(cases, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_cases(cases, broken_places, tmp_path)


def test_study_arguments(cases):
    """A study that is built is whole; what is not right is named."""
    built: list[Any] = []

    @seed(cases.start)
    @settings(
        max_examples=len(cases),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(arguments())
    def build(said: dict[str, Any]) -> None:
        try:
            study = Study(**said)
        except ValidationError as error:
            with told_clearly():
                raise invalid("made", error) from None
            return
        built.append(study)
        assert_whole(study)

    build()
    assert built or len(cases) < CASES_FOR_ONE_WHOLE
