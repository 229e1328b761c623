"""Every error that a user can meet: what is wrong, the rule, the remedy.

    SweepError                      exit status 1
    ├── UsageError                  2   the command or the study is wrong
    │   ├── StudyError                  a study cannot be found or built
    │   └── StudyChangedError           the stored study of that name asks something else
    └── MissingError                3   something needed is not there
        ├── DataError                   pictures
        │   ├── NotFetchedError             the public pictures are not in the cache yet
        │   └── DownloadError               pictures or weights did not come over the network
        ├── WeightsError                the backbone's weights
        ├── StoreError                  the database
        │   ├── NoStoreError            there is none yet
        │   ├── StoreBusyError          another run writes to this study
        │   └── OptunaTablesError       Optuna's tables in it are not such that Optuna reads them
        ├── CacheError                  space or rights in the cache folder
        ├── FileError                   space or rights where a report or figure goes
        └── MemoryShortError            the host's or the accelerator's memory is too small

The command line prints these in full and nothing else; a traceback is for ``--debug`` and for
errors that are not in this tree, which are bugs.
"""


class SweepError(Exception):
    """An error that its reader can mend: what is wrong, the rule, the remedy.

    Args:
        wrong: what is wrong, in a user's words and with what was met: the name, the path, the
            value. It begins with a small letter, since ``error:`` stands before it, and ends
            without a full stop. Further lines of it are indented by four spaces.
        rule: what must hold, as a sentence; left out where what is wrong says it.
        remedy: what to do now, as a sentence; a command in it stands between backticks.

    Example:
        >>> print(SweepError("0 epochs", rule="At least one is needed.", remedy="Add --epochs 10."))
        0 epochs
          rule: At least one is needed.
          remedy: Add --epochs 10.
    """

    exit_status = 1

    def __init__(self, wrong: str, *, rule: str | None = None, remedy: str | None = None) -> None:
        super().__init__(wrong, rule, remedy)
        self.wrong = wrong
        self.rule = rule
        self.remedy = remedy

    def __reduce__(self) -> tuple:
        """Keep the parts when the error travels between processes."""
        return _rebuild, (type(self), self.wrong, self.rule, self.remedy)

    def __str__(self) -> str:
        lines = [self.wrong]
        if self.rule is not None:
            lines.append(f"  rule: {self.rule}")
        if self.remedy is not None:
            lines.append(f"  remedy: {self.remedy}")
        return "\n".join(lines)


def _rebuild(
    kind: type[SweepError], wrong: str, rule: str | None, remedy: str | None
) -> SweepError:
    return kind(wrong, rule=rule, remedy=remedy)


def in_one_line(error: str) -> str:
    """What an exception says, from its text with its traceback: without the rule and the remedy.

    Example:
        >>> in_one_line("Traceback …\\nsweep.errors.StudyError: 0 epochs\\n  remedy: Add.")
        'StudyError: 0 epochs'
    """
    lines = [line for line in error.strip().splitlines() if line and not line[0].isspace()]
    return lines[-1].removeprefix("sweep.errors.") if lines else error.strip()


class UsageError(SweepError):
    """The command or the study is wrong."""

    exit_status = 2


class StudyError(UsageError):
    """A study cannot be found or built."""


class StudyChangedError(UsageError):
    """The store has a study of that name that asks something else."""


class MissingError(SweepError):
    """Something needed is not there."""

    exit_status = 3


class DataError(MissingError):
    """Pictures are missing or unusable."""


class NotFetchedError(DataError):
    """The public pictures are not in the cache yet."""


class DownloadError(DataError):
    """Pictures or weights did not come over the network, or came damaged."""


class WeightsError(MissingError):
    """The backbone's weights are missing or of another network."""


class StoreError(MissingError):
    """The database cannot be opened, read or written."""


class NoStoreError(StoreError):
    """There is no store yet where one is looked for."""


class StoreBusyError(StoreError):
    """Another run writes to this study."""


class OptunaTablesError(StoreError):
    """Optuna's tables in the store are not such that Optuna reads them."""


class CacheError(MissingError):
    """The cache folder has no space left or cannot be written."""


class FileError(MissingError):
    """A report, figure or artifact cannot be written where it goes."""


class MemoryShortError(MissingError):
    """Features or examples do not fit into the host's or the accelerator's memory."""
