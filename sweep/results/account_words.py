"""What became of the files of a data set, in words: statements, and what must not be overlooked.

From an ``Account`` to lines for a terminal, rows of a table, terms of the report.
"""

from collections.abc import Iterable, Iterator, Sequence

from sweep.results.account import Account, ClassAccount, Reason
from sweep.results.provenance import PictureTally

MAX_SKIPPED_SHARE = 0.05
"""A larger share of the pictures that could not be used, or are in no class, is a warning."""
MIN_KEPT_SHARE = 0.5
"""A class of which a smaller share is used than could be is a warning."""
MAX_REASONS, MAX_CLASSES, MAX_CUT_CLASSES = 5, 12, 3

Statement = tuple[str, str]
"""What it is about, and what there is to say: ``("Used", "38 of 59 picture files, …")``."""

_SPLITS = {"by-seed": "by seed", "own": "by content", "given": "as given by the folder"}
_PARTS = {"train": "train", "valid": "validation", "test": "test"}


def statements(account: Account) -> tuple[Statement, ...]:
    """All of it, the most important first."""
    return tuple(_statements(account))


def warnings(account: Account) -> tuple[str, ...]:
    """What must not be overlooked, a sentence each; nothing of runs that version 0.1 stored."""
    return tuple(_warnings(account, account.tally)) if account.tally else ()


def in_a_line(account: Account) -> str:
    """``Used: 38 of 59 picture files, … · Classes: 19 cat, 19 dog · Split: …``, without names."""
    return " · ".join(_short(account))


def reasons_in_words(reasons: Sequence[Reason]) -> str:
    """``empty: 4 (a.jpg, b.jpg, c.jpg, …); larger than 256 MB: 1 (d.jpg)``."""
    shown = "; ".join(map(_reason, reasons[:MAX_REASONS]))
    return shown + ("; …" if len(reasons) > MAX_REASONS else "")


def _reason(reason: Reason) -> str:
    return f"{reason.reason}: {reason.count:,} ({_named(reason.names, reason.count)})"


def _statements(account: Account) -> Iterator[Statement]:
    tally = account.tally
    yield f"{account.noun.capitalize()}s", f"{account.name} ({account.source})"
    yield "Used", _used(account)
    by = f", by {tally.by}" if tally and tally.by else ""
    if account.has_classes:
        yield "Classes", f"{_counted((it.name, it.used_count) for it in account.classes)}{by}"
    if account.unusable:
        of = f"{_pictures(account.unusable_count)}; {reasons_in_words(account.unusable)}"
        yield "Skipped", of
    for reason in account.duplicates:
        yield "Not used", _reason(reason)
    if tally:
        yield from _left_out(account, tally)
        yield from _treatment(tally)


def _short(account: Account) -> Iterator[str]:
    tally = account.tally
    yield f"Used: {_used(account)}"
    if account.has_classes:
        yield f"Classes: {_counted((it.name, it.used_count) for it in account.classes)}"
    if account.unusable:
        yield f"Skipped: {account.unusable_count:,}"
    if duplicates := sum(reason.count for reason in account.duplicates):
        yield f"Duplicates: {duplicates:,}"
    if tally is None:
        return
    if away := sum(it.balanced_away for it in account.classes):
        yield f"Left out: {away:,}" if tally.split == "given" else f"Balanced away: {away:,}"
    if tally.unexplained_count:
        what = "In other classes" if tally.are_chosen else "In no class"
        yield f"{what}: {tally.unexplained_count:,}"
    if tally.twin_count:
        yield f"Twins: {tally.twin_count:,}"
    yield f"Split: {_SPLITS[tally.split]}"


def _used(account: Account) -> str:
    of = (
        f" {account.noun}s"
        if account.found_count is None
        else f" of {account.found_count:,} picture files"
    )
    return (
        f"{account.used_count:,}{of}, {account.train_count:,} to train on and "
        f"{account.valid_count:,} for validation"
    )


def _left_out(account: Account, tally: PictureTally) -> Iterator[Statement]:
    away = [(it.name, it.balanced_away) for it in account.classes if it.balanced_away]
    if away:
        why = "to use equally many of each class"
        if tally.split == "given":
            why = f"in parts that the given split does not use, or {why}"
        yield "Left out", f"{_counted(away)}, {why}"
    if over := account.over_limit_count:
        yield "Left out", f"{_pictures(over)}, above the limit of {tally.limit:,}"
    if count := tally.unexplained_count:
        where = "in none of the chosen classes" if tally.are_chosen else "in no class"
        yield "Left out", f"{_pictures(count)} {where} ({_named(tally.unexplained, count)})"
    if tally.unlabelled_count:
        yield (
            "Left out",
            f"{_pictures(tally.unlabelled_count)} without labels, in folders for tests",
        )


def _treatment(tally: PictureTally) -> Iterator[Statement]:
    parts = ", ".join(_PARTS.get(part, part) for part in tally.parts)
    if tally.split == "given":
        yield "Split", f"as given by the folder ({parts})"
    elif len(tally.parts) > 1:
        anew = "split anew" if tally.split == "own" else "are split anew by each seed"
        pooled = f"the folder's own parts ({parts}) were pooled and {anew}"
        yield "Split", f"{pooled}; --split given keeps them"
    elif tally.split == "own":
        yield "Split", "by the pictures' content, balanced by class"
    else:
        yield "Split", "by seed: each seed draws its own from all of them, balanced by class"
    if tally.twin_count:
        yield "Twins", _twins(tally)
    if tally.turned_count:
        done = "applied" if tally.is_upright else "ignored, as in Keras' loaders"
        has = "has" if tally.turned_count == 1 else "have"
        yield "EXIF orientation", f"{done}; {_pictures(tally.turned_count)} {has} one"


def _twins(tally: PictureTally) -> str:
    where = "all on one side of the split with their twins"
    if tally.parted_twin_count:
        where = f"{tally.parted_twin_count:,} in validation with a twin that is trained on"
        where += ", as seed 0 draws them" if tally.split == "by-seed" else ""
    others = tally.contradicting_twin_count
    told = f"; {others:,} of them with a twin in another class" if others else ""
    return f"{_pictures(tally.twin_count)} look like another one in other bytes, {where}{told}"


def _warnings(account: Account, tally: PictureTally) -> Iterator[str]:
    bad, files, found = account.unusable_count, account.file_count, account.found_count or 0
    if bad > MAX_SKIPPED_SHARE * files:
        share, first = f"{100 * bad / files:.0f} %", _reason(account.unusable[0])
        yield f"{bad:,} of {files:,} pictures ({share}) cannot be used; most: {first}."
    if not tally.are_chosen and tally.unexplained_count > MAX_SKIPPED_SHARE * found:
        yield (
            f"{tally.unexplained_count:,} of {found:,} pictures are in no class and left out, such "
            f"as {tally.unexplained[0]}."
        )
    yield from _cut_classes(account, tally)
    if tally.parted_twin_count:
        remedy = " --twins together keeps them on one side." if tally.split != "given" else ""
        yield (
            f"{_pictures(tally.parted_twin_count)} in validation look like one that is trained on: "
            f"the accuracy is too high.{remedy}"
        )


def _cut_classes(account: Account, tally: PictureTally) -> Iterator[str]:
    """Where less than half of a class is used, whether the others are good or not."""
    given = tally.split == "given"
    good = "the split is the given one" if given else "all classes get as many"
    limit = None if tally.limit is None else tally.limit // len(account.classes)
    cut: dict[str, list[str]] = {good: [], "the others cannot be used": []}
    for each in account.classes:
        wanted = each.file_count if limit is None else min(each.file_count, limit)
        if each.used_count < MIN_KEPT_SHARE * each.allowed_count:
            cut[good].append(_cut(each, each.allowed_count))
        elif each.used_count < MIN_KEPT_SHARE * wanted:
            cut["the others cannot be used"].append(_cut(each, each.file_count))
    for why, classes in cut.items():
        if classes:
            more = f", … ({len(classes)} classes)" if len(classes) > MAX_CUT_CLASSES else ""
            yield f"{', '.join(classes[:MAX_CUT_CLASSES])}{more}: {why}."


def _cut(of: ClassAccount, count: int) -> str:
    return f"{of.name} is cut to {of.used_count:,} of {count:,} pictures"


def _named(names: Sequence[str], count: int) -> str:
    return ", ".join(names) + (", …" if count > len(names) else "")


def _counted(classes: Iterable[tuple[str, int]]) -> str:
    said = [f"{count:,} {name}" for name, count in classes]
    more = f", … ({len(said)} classes)" if len(said) > MAX_CLASSES else ""
    return ", ".join(said[:MAX_CLASSES]) + more


def _pictures(count: int) -> str:
    return f"{count:,} picture{'s' if count != 1 else ''}"
