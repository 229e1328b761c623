"""A listener that keeps what a run that grows tells of itself, and can interrupt it."""

from sweep.planning.events import CohortResult
from sweep.planning.listener import SilentListener


class Listening(SilentListener):
    """Keeps what is told of looks and rounds; presses Ctrl-C at the n-th cohort's end."""

    def __init__(self, interrupt_at=0):
        self.told, self.left = [], interrupt_at

    def looked(self, text):
        self.told.append(text)

    def event(self, event):
        if isinstance(event, CohortResult):
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
