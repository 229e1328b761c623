"""Counts what became of the files that were found, for the store. Pure.

Between ``pictures.py``, which has chosen, and ``results.account``, which adds it up.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping

from sweep.data.layouts import Layout
from sweep.data.ranking import Ranked
from sweep.data.split import Place, Split
from sweep.results.account import MAX_NAMES
from sweep.results.provenance import PictureTally
from sweep.study.tasks import Pictures
from sweep.util.paths import printable


def tally_of(
    wanted: Pictures,
    layout: Layout,
    ranked: Ranked,
    parts: Split,
    twin_of: Mapping[Place, Place],
) -> PictureTally:
    """What became of all files.

    Args:
        wanted: what the study asks for.
        layout: what the names say.
        ranked: the usable pictures of each class.
        parts: which of them are used.
        twin_of: of pictures with twins, the first of them.
    """
    files = Counter(layout.class_of.values())
    used = [ranked[label][position] for label, position in parts.order]
    groups = _groups(twin_of, parts)
    return PictureTally(
        by=printable(layout.by),
        file_counts=tuple(files[name] for name in layout.class_names),
        usable_counts=tuple(map(len, ranked)),
        limit=wanted.limit,
        parts=tuple(sorted(set(layout.part_of.values()))),
        split=wanted.split,
        unexplained_count=len(layout.unexplained),
        unexplained=tuple(map(printable, layout.unexplained[:MAX_NAMES])),
        unlabelled_count=len(layout.unlabelled),
        twin_count=sum(map(len, groups)),
        parted_twin_count=_parted(groups, parts),
        contradicting_twin_count=sum(
            len(group) for group in groups if len({label for label, _ in group}) > 1
        ),
        turned_count=sum(picture.finding.is_turned for picture in used),
        is_upright=wanted.orientation == "applied",
        are_chosen=wanted.classes is not None,
    )


def _groups(twin_of: Mapping[Place, Place], parts: Split) -> list[list[Place]]:
    """The used pictures that look the same, two or more in each group."""
    groups: dict[Place, list[Place]] = defaultdict(list)
    for place in parts.train + parts.valid:
        if place in twin_of:
            groups[twin_of[place]].append(place)
    return [group for group in groups.values() if len(group) > 1]


def _parted(groups: list[list[Place]], parts: Split) -> int:
    """Validation pictures with a twin that is trained on."""
    trained = set(parts.train)
    return sum(
        sum(place not in trained for place in group)
        for group in groups
        if not trained.isdisjoint(group)
    )
