"""A run that is killed at any moment, and started again, ends as if nothing had happened.

Random faults: ``pytest tests/faults/test_kill_anywhere.py --faults 200``; each is drawn from its
number, and its story is printed.
"""

import signal
from random import Random

from faults.harness import RUN, Ended, assert_readable, assert_same

STAGES = {  # what is going on after which line of progress, and for how many seconds about
    "start": (None, 0.6),
    "pets": ("drawing pets: 1 ", 0.2),
    "loading": (": 12 trials", 2.2),
    "features": ("features: 0 ", 0.3),
    "training": ("training: 0 ", 1.4),
    "end": ("training: 12 ", 1.6),
}
STATUSES = {signal.SIGKILL: {-9}, signal.SIGTERM: {143, -15}, signal.SIGINT: {130, -2}}


def pytest_generate_tests(metafunc):
    if "number" in metafunc.fixturenames:
        metafunc.parametrize("number", range(metafunc.config.getoption("faults")))


def test_random_faults(number, sandbox, undisturbed, record_property):
    random = Random(number)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        if undisturbed.calls and random.random() < 0.5:
            fault = at_a_system_call(random, sandbox, undisturbed.calls)
        else:
            fault = at_a_moment(random, sandbox)
        record_property("fault", fault)
        assert_readable(sandbox)
    done = sandbox.command(*RUN)
    assert done.status == 0, done.stderr
    assert_same(sandbox, undisturbed.sandbox)


def at_a_moment(random, sandbox) -> str:
    stage = random.choice(list(STAGES))
    line, seconds = STAGES[stage]
    # While Python itself starts, Ctrl-C is its own affair.
    sent = random.choice(list(STATUSES)[: 2 if line is None else 3])
    delay = random.uniform(0, seconds)
    print(f"{sent.name} {delay:.3f} s after the beginning of {stage}")
    ended = sandbox.interrupted(sent, line, delay)
    assert_gone(ended, sent)
    if line and stage in ("pets", "features") and line in ended.stderr:  # long before the end
        assert ended.status != 0, "nobody heard it"
    return f"{sent.name} at a moment, {stage}{_missed(ended)}"


def at_a_system_call(random, sandbox, calls) -> str:
    kind = random.choice((*(sent.name for sent in STATUSES), "torn"))
    number = random.randint(1, len(calls))
    call, path = calls[number - 1]
    print(f"{kind} at system call {number}: {call} {path}")
    ended = sandbox.command(*RUN, do=kind, at=str(number))
    assert_gone(ended, signal.SIGKILL if kind == "torn" else signal.Signals[kind])
    return f"{kind} at a system call, {call} {_kind_of(path)}{_missed(ended)}"


def assert_gone(ended: Ended, sent: signal.Signals):
    assert ended.status in STATUSES[sent] | {0}, (ended.status, ended.stderr)
    assert "Traceback" not in ended.stderr
    assert "ignored" not in ended.stderr
    if ended.status in (130, 143):
        assert "the same command continues" in ended.message


def _missed(ended: Ended) -> str:
    return ", which had ended" if ended.status == 0 else ""


def _kind_of(path: str) -> str:
    for part in ("features", "rendered-pets", "reports", "sweep.db-wal", "sweep.db"):
        if part in path:
            return part
    return "other"
