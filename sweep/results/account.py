"""What became of the files of a data set, in numbers.

For whoever shows it: ``run``, ``plan``, ``data check``, ``--json``, the report. Everything comes
from a run's ``DatasetInfo``, new or stored, so all of them say the same; ``account_words`` says it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sweep.results.provenance import DatasetInfo, PictureTally

MAX_NAMES = 3
"""So many files are named for each reason."""

_SAME = "the same picture"
_AGAIN = "the same picture again"
_STRAY = "not a picture file"


@dataclass(frozen=True)
class Reason:
    """Files that were skipped for one reason, and the first of their names."""

    reason: str
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class ClassAccount:
    """Of one class.

    Attributes:
        name: the class.
        train_count, valid_count: used pictures.
        file_count: picture files that were found.
        usable_count: those that are whole, each content once.
        allowed_count: those of them that the limit allows.

    Of a run that version 0.1 stored, used pictures are all that is known.
    """

    name: str
    train_count: int
    valid_count: int
    file_count: int
    usable_count: int
    allowed_count: int

    @property
    def used_count(self) -> int:
        """Pictures that are trained on or validated with."""
        return self.train_count + self.valid_count

    @property
    def balanced_away(self) -> int:
        """Pictures that were left out to use equally many of each class, or by a given split."""
        return self.allowed_count - self.used_count


@dataclass(frozen=True)
class Account:
    """Of a data set: what was used, what was not, and why.

    Attributes:
        name, source: what the data is, and where they were found.
        classes: in the order of their labels.
        unusable: pictures that could not be used, by reason, the commonest first.
        duplicates: pictures whose content was there already, or is in several classes.
        stray_count: files in class folders that are no pictures.
        tally: of all files; None of data that is no files, and of a run that version 0.1 stored.
        noun: what one of them is called.
    """

    name: str
    source: str
    classes: tuple[ClassAccount, ...]
    unusable: tuple[Reason, ...]
    duplicates: tuple[Reason, ...]
    stray_count: int
    tally: PictureTally | None
    noun: str = "picture"

    @property
    def has_classes(self) -> bool:
        """Whether its examples have classes."""
        return len(self.classes) > 1

    @property
    def used_count(self) -> int:
        """Pictures of all classes."""
        return sum(each.used_count for each in self.classes)

    @property
    def train_count(self) -> int:
        """Pictures to train on."""
        return sum(each.train_count for each in self.classes)

    @property
    def valid_count(self) -> int:
        """Pictures for validation."""
        return sum(each.valid_count for each in self.classes)

    @property
    def file_count(self) -> int:
        """Picture files in the classes."""
        return sum(each.file_count for each in self.classes)

    @property
    def found_count(self) -> int | None:
        """Picture files that were found, those in no class too; None where it is not known."""
        if self.tally is None:
            return None
        return self.file_count + self.tally.unexplained_count + self.tally.unlabelled_count

    @property
    def unusable_count(self) -> int:
        """Pictures that could not be used."""
        return sum(reason.count for reason in self.unusable)

    @property
    def over_limit_count(self) -> int:
        """Pictures that were left out because no more were asked for."""
        return sum(each.usable_count - each.allowed_count for each in self.classes)


def account_of(info: DatasetInfo) -> Account:
    """The account of a data set."""
    return Account(
        name=info.name,
        source=info.source,
        classes=tuple(_classes(info)),
        unusable=unusable_reasons(info.skipped),
        duplicates=_reasons(it for it in info.skipped if it[1].startswith(_SAME)),
        stray_count=sum(reason == _STRAY for _, reason in info.skipped),
        tally=info.tally,
        noun="picture" if info.are_pictures else "example",
    )


def unusable_reasons(skipped: Sequence[tuple[str, str]]) -> tuple[Reason, ...]:
    """Why pictures could not be used, the commonest reason first; duplicates and strays apart.

    Args:
        skipped: names of files with reasons.
    """
    return _reasons(it for it in skipped if it[1] != _STRAY and not it[1].startswith(_SAME))


def _classes(info: DatasetInfo) -> Iterator[ClassAccount]:
    used = [a + b for a, b in zip(info.train_counts, info.valid_counts, strict=True)]
    files = info.tally.file_counts if info.tally else used
    usable = info.tally.usable_counts if info.tally else used
    limit = info.tally.limit if info.tally else None
    each = sum(usable) if limit is None else limit // len(usable)
    names = info.class_names or ("",)
    rows = zip(*(names, info.train_counts, info.valid_counts, files, usable), strict=True)
    for name, train, valid, found, whole in rows:
        yield ClassAccount(name, train, valid, found, whole, max(min(each, whole), train + valid))


def _reasons(skipped: Iterable[tuple[str, str]]) -> tuple[Reason, ...]:
    names_of: dict[str, list[str]] = defaultdict(list)
    for name, reason in skipped:
        kind = _AGAIN if reason.startswith(f"{_SAME} as") else reason.partition(":")[0]
        names_of[kind].append(name)
    found = [Reason(kind, len(names), tuple(names[:MAX_NAMES])) for kind, names in names_of.items()]
    return tuple(sorted(found, key=lambda it: (-it.count, it.reason)))
