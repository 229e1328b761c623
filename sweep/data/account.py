"""What became of the files of a data set, in numbers and in sentences.

For whoever shows it: ``run``, ``plan``, ``data check``, ``--json`` and the report's first screen.
Everything comes from a run's ``DatasetInfo``, new or stored, so all of them say the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sweep.results.provenance import DatasetInfo, PictureTally

MAX_SKIPPED_SHARE = 0.05
"""A larger share of the pictures that could not be used is a warning."""
MIN_KEPT_SHARE = 0.5
"""A class of which a smaller share is used than could be is a warning."""
MAX_REASONS, MAX_NAMES, MAX_CLASSES = 5, 3, 12

_SAME = "the same picture"
_AGAIN = "the same picture again"
_STRAY = "not a picture file"
_PARTS = {"train": "train", "valid": "validation", "test": "test"}


@dataclass(frozen=True)
class Reason:
    """Files that were skipped for one reason, and the first of their names."""

    reason: str
    count: int
    names: tuple[str, ...]

    def in_words(self) -> str:
        """``empty: 4 (a.jpg, b.jpg, c.jpg, …)``."""
        more = ", …" if self.count > len(self.names) else ""
        return f"{self.reason}: {self.count:,} ({', '.join(self.names)}{more})"


@dataclass(frozen=True)
class Account:
    """Of a data set: what was used, what was not, and why.

    Attributes:
        found_count: picture files that were found; None of a run that version 0.1 stored.
        train_count, valid_count: used pictures.
        unusable: pictures that could not be used, by reason, the commonest first.
        duplicates: pictures whose content was there already, or is in several classes.
        stray_count: files in class folders that are no pictures.
        balanced_away: pictures of each class that were left out to use equally many of each.
        over_limit_count: pictures that were left out because no more were asked for.
        sentences: all of it.
        warnings: what must not be overlooked.
    """

    found_count: int | None
    train_count: int
    valid_count: int
    unusable: tuple[Reason, ...]
    duplicates: tuple[Reason, ...]
    stray_count: int
    balanced_away: dict[str, int]
    over_limit_count: int
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]


def account_of(info: DatasetInfo) -> Account:
    """The account of a data set."""
    tally = info.tally
    return Account(
        found_count=_found(tally) if tally else None,
        train_count=sum(info.train_counts),
        valid_count=sum(info.valid_counts),
        unusable=unusable_reasons(info.skipped),
        duplicates=duplicate_reasons(info.skipped),
        stray_count=sum(reason == _STRAY for _, reason in info.skipped),
        balanced_away=_balanced_away(info),
        over_limit_count=_over_limit(info),
        sentences=tuple(_sentences(info)),
        warnings=tuple(_warnings(info)),
    )


def unusable_reasons(skipped: Sequence[tuple[str, str]]) -> tuple[Reason, ...]:
    """Why pictures could not be used, the commonest reason first; duplicates and strays apart."""
    return _reasons(it for it in skipped if it[1] != _STRAY and not it[1].startswith(_SAME))


def duplicate_reasons(skipped: Sequence[tuple[str, str]]) -> tuple[Reason, ...]:
    """Pictures that were not used because the same content is there again."""
    return _reasons(it for it in skipped if it[1].startswith(_SAME))


def _reasons(skipped: Iterator[tuple[str, str]]) -> tuple[Reason, ...]:
    names_of: dict[str, list[str]] = defaultdict(list)
    for name, reason in skipped:
        kind = _AGAIN if reason.startswith(f"{_SAME} as") else reason.partition(":")[0]
        names_of[kind].append(name)
    found = [Reason(kind, len(names), tuple(names[:MAX_NAMES])) for kind, names in names_of.items()]
    return tuple(sorted(found, key=lambda it: (-it.count, it.reason)))


def _found(tally: PictureTally) -> int:
    return sum(tally.file_counts) + tally.unexplained_count + tally.unlabelled_count


def _used(info: DatasetInfo) -> list[int]:
    return [
        train + valid for train, valid in zip(info.train_counts, info.valid_counts, strict=True)
    ]


def _allowed(info: DatasetInfo, tally: PictureTally) -> list[int]:
    """Of each class, the usable pictures that the limit allows."""
    if tally.limit is None:
        return list(tally.usable_counts)
    each = tally.limit // len(tally.usable_counts)
    return [
        max(min(each, count), used)
        for count, used in zip(tally.usable_counts, _used(info), strict=True)
    ]


def _balanced_away(info: DatasetInfo) -> dict[str, int]:
    if info.tally is None:
        return {}
    rows = zip(info.class_names, _allowed(info, info.tally), _used(info), strict=True)
    return {name: allowed - used for name, allowed, used in rows if allowed > used}


def _over_limit(info: DatasetInfo) -> int:
    return sum(info.tally.usable_counts) - sum(_allowed(info, info.tally)) if info.tally else 0


def _sentences(info: DatasetInfo) -> Iterator[str]:
    tally = info.tally
    train, valid = sum(info.train_counts), sum(info.valid_counts)
    of = f" of {_found(tally):,} picture files" if tally else " pictures"
    yield f"Used: {train + valid:,}{of}, {train:,} to train on and {valid:,} for validation."
    by = f", by {tally.by}" if tally and tally.by else ""
    yield f"Classes: {_counted(info.class_names, _used(info))}{by}."
    reasons = unusable_reasons(info.skipped)
    if reasons:
        count = sum(reason.count for reason in reasons)
        shown = "; ".join(reason.in_words() for reason in reasons[:MAX_REASONS])
        yield f"Skipped: {_pictures(count)}; {shown}{'; …' if len(reasons) > MAX_REASONS else ''}."
    for reason in duplicate_reasons(info.skipped):
        yield f"Not used, {reason.in_words()}."
    if tally:
        yield from _left_out(info, tally)
        yield from _treatment(tally)


def _left_out(info: DatasetInfo, tally: PictureTally) -> Iterator[str]:
    away = _balanced_away(info)
    if away and tally.split == "own":
        yield f"Left out to use equally many of each class: {_counted([*away], [*away.values()])}."
    elif away:
        yield (
            "Left out, in parts that the given split does not use or to use equally many of each "
            f"class: {_counted([*away], [*away.values()])}."
        )
    if over := _over_limit(info):
        yield f"Left out, above the limit of {tally.limit:,}: {_pictures(over)}."
    if tally.unexplained_count:
        more = ", …" if tally.unexplained_count > len(tally.unexplained) else ""
        yield (
            f"Left out, in no class: {_pictures(tally.unexplained_count)} "
            f"({', '.join(tally.unexplained)}{more})."
        )
    if tally.unlabelled_count:
        yield f"Left out, unlabelled: {_pictures(tally.unlabelled_count)} in folders for tests."


def _treatment(tally: PictureTally) -> Iterator[str]:
    parts = ", ".join(_PARTS.get(part, part) for part in tally.parts)
    if tally.split == "given":
        yield f"Split: as given by the folder ({parts})."
    elif len(tally.parts) > 1:
        yield (
            f"Split: the folder's own parts ({parts}) were pooled and split anew; "
            "Pictures(split='given') keeps them."
        )
    else:
        yield "Split: by the pictures' content, balanced by class."
    if tally.twin_count:
        yield _twins(tally)
    if tally.turned_count:
        done = "was applied" if tally.is_upright else "was not applied, as in Keras' loaders"
        has = "has" if tally.turned_count == 1 else "have"
        yield f"EXIF orientation: {done}; {_pictures(tally.turned_count)} {has} one."


def _twins(tally: PictureTally) -> str:
    where = "all on one side of the split with their twins"
    if tally.parted_twin_count:
        where = f"{tally.parted_twin_count:,} in validation with a twin that is trained on"
    others = tally.contradicting_twin_count
    told = f"; {others:,} of them with a twin in another class" if others else ""
    return (
        f"Twins: {_pictures(tally.twin_count)} look like another one in other bytes, {where}{told}."
    )


def _warnings(info: DatasetInfo) -> Iterator[str]:
    tally = info.tally
    if tally is None:
        return
    bad = sum(reason.count for reason in unusable_reasons(info.skipped))
    files = sum(tally.file_counts)
    if bad > MAX_SKIPPED_SHARE * files:
        first = unusable_reasons(info.skipped)[0].in_words()
        yield f"{bad:,} of {files:,} pictures ({bad / files:.0%}) cannot be used; most: {first}."
    if tally.unexplained_count > MAX_SKIPPED_SHARE * _found(tally):
        yield (
            f"{tally.unexplained_count:,} of {_found(tally):,} pictures are in no class and left "
            f"out, such as {tally.unexplained[0]}."
        )
    yield from _cut_classes(info, tally)
    if tally.parted_twin_count:
        yield (
            f"{_pictures(tally.parted_twin_count)} in validation look like one that is trained on: "
            "the accuracy is too high."
        )


def _cut_classes(info: DatasetInfo, tally: PictureTally) -> Iterator[str]:
    rows = zip(info.class_names, _used(info), _allowed(info, tally), tally.file_counts, strict=True)
    for name, used, allowed, files in rows:
        wanted = min(files, tally.limit // len(info.class_names)) if tally.limit else files
        if used < MIN_KEPT_SHARE * allowed:
            why = (
                "the split is the given one"
                if tally.split == "given"
                else "all classes get as many"
            )
            yield f"{name} is cut to {used:,} of {allowed:,} pictures: {why}."
        elif used < MIN_KEPT_SHARE * wanted:
            yield f"{name} is cut to {used:,} of {files:,} pictures: the others cannot be used."


def _counted(names: Sequence[str], counts: Sequence[int]) -> str:
    shown = [f"{count:,} {name}" for name, count in zip(names, counts, strict=True)][:MAX_CLASSES]
    return ", ".join(shown) + (f", … ({len(names)} classes)" if len(names) > MAX_CLASSES else "")


def _pictures(count: int) -> str:
    return f"{count:,} picture{'s' if count != 1 else ''}"
