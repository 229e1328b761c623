"""Ctrl-C and SIGTERM reach the command wherever Python is when they come."""

import subprocess
import sys

import pytest

SCRIPT = """
import ctypes, gc, os, signal, sys, time
from sweep.util.interrupts import (
    Terminated, held_back, listen, raise_if_interrupted, stop_listening
)

class Finalized:
    def __del__(self):
        interrupt()

def interrupt(*_):
    gc.callbacks.clear()
    os.kill(os.getpid(), signal.{signal})

def covered():
    try:
        interrupt()
    except BaseException:
        pass
    raise ValueError("of a library, which no longer knows why")

def in_finalizer():
    Finalized()

def in_garbage_collection():
    gc.callbacks.append(interrupt)
    gc.collect()

def in_native_code():
    ctypes.CFUNCTYPE(None)(as_another_error)()

def as_another_error():
    try:
        interrupt()
    except KeyboardInterrupt as error:
        raise SystemError("returned a result with an exception set") from error

def while_held_back():
    with held_back():
        interrupt()
        global is_reached
        is_reached = True

def while_held_back_of_an_import_that_fails():
    with held_back():
        interrupt()
        raise ImportError("of a library that was interrupted")

listen()
try:
    try:
        {place}()
        time.sleep(20)
    except Exception as error:
        raise_if_interrupted(error)
        raise
except KeyboardInterrupt as interrupted:
    assert "{place}" != "while_held_back" or is_reached
    print(type(interrupted).__name__)
"""


@pytest.mark.parametrize(
    ("signal", "raised"), [("SIGINT", "KeyboardInterrupt"), ("SIGTERM", "Terminated")]
)
@pytest.mark.parametrize(
    "place",
    [
        "interrupt",
        "covered",
        "in_finalizer",
        "in_garbage_collection",
        "in_native_code",
        "while_held_back",
        "while_held_back_of_an_import_that_fails",
    ],
)
def test_no_interruption_is_lost(place, signal, raised):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(place=place, signal=signal)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout.strip(), done.stderr) == (raised, "")


def test_second_ctrl_c_ends_the_process_at_once():
    script = SCRIPT.replace("    print(", "    os.kill(os.getpid(), signal.SIGINT)\n    print(")
    done = subprocess.run(
        [sys.executable, "-c", script.format(place="interrupt", signal="SIGINT")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-2, "", "")
