"""The search for reference cycles is put off, and goes on as it was."""

import gc

import pytest

from sweep.util.collecting import no_cycles


@pytest.mark.parametrize("is_enabled", [True, False])
def test_what_was_before_is_again_afterwards_also_after_an_error(is_enabled):
    @no_cycles()
    def fails():
        assert not gc.isenabled()
        raise ValueError("made")

    before = gc.isenabled()
    try:
        (gc.enable if is_enabled else gc.disable)()
        with pytest.raises(ValueError, match="made"):
            fails()
        assert gc.isenabled() == is_enabled
    finally:
        (gc.enable if before else gc.disable)()
