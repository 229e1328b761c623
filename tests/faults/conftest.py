"""An undisturbed run to compare with, and the library that makes system calls go wrong."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from faults.harness import RUN, Forks, Sandbox, calls, forks


@pytest.fixture(scope="session")
def library(tmp_path_factory) -> Path | None:
    """``faults.c``, compiled; None where that cannot be."""
    compiler = shutil.which("cc")
    if compiler is None or not Path("/proc/self/fd").is_dir():
        return None
    built = tmp_path_factory.mktemp("library") / "faults.so"
    source = Path(__file__).with_name("faults.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", built, source, "-ldl"], check=True)
    return built


@pytest.fixture(scope="session")
def forked(library) -> Iterator[Forks | None]:
    """Where commands run; None where they cannot be made to go wrong, on other systems."""
    if library is None:
        yield None
        return
    with forks(library) as running:
        yield running


@pytest.fixture
def sandbox(tmp_path, library, forked) -> Sandbox:
    """A new folder."""
    return Sandbox(tmp_path, library, forks=forked)


@pytest.fixture
def faulty(sandbox) -> Sandbox:
    """A new folder, in which system calls can go wrong."""
    if sandbox.library is None:
        pytest.skip("needs a C compiler and Linux, for system calls that go wrong")
    return sandbox


@dataclass(frozen=True)
class Undisturbed:
    """A run that came to its end without any fault, in a process as a user starts it.

    Attributes:
        sandbox: where it was.
        calls: the system calls that changed files, in their order, as name and path; none where
            they could not be counted.
    """

    sandbox: Sandbox
    calls: Sequence[tuple[str, str]]


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory, library) -> Undisturbed:
    sandbox = Sandbox(tmp_path_factory.mktemp("undisturbed"), library)
    log = sandbox.folder.with_name("calls")
    done = sandbox.command(*RUN, **({"log": str(log)} if library else {}))
    assert done.status == 0, done.stderr
    return Undisturbed(sandbox, calls(log) if library else ())


def pytest_terminal_summary(terminalreporter) -> None:
    """Which faults were tried, and where they hit."""
    reports = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    told = Counter(
        value for report in reports for name, value in report.user_properties if name == "fault"
    )
    if told:
        terminalreporter.section("faults")
        for fault, count in sorted(told.items()):
            terminalreporter.write_line(f"{count:5} {fault}")
