"""The usable pictures of each class in their order, and what is skipped. Pure.

Between ``manifest.py``, which knows the files, and ``split.py``, which chooses among them. A
class's pictures are ordered by the hash of their content: whatever they are called, and in a
folder as in a zip, the same pictures come in the same order.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sweep.data.layouts import Layout
from sweep.data.manifest import Finding
from sweep.data.split import Place
from sweep.data.twins import twins

Skipped = tuple[tuple[str, str], ...]
"""Names with reasons."""


@dataclass(frozen=True)
class Candidate:
    """A usable picture: where it is, and what is known of its content."""

    name: str
    finding: Finding

    def decoded_content(self, *, upright: bool) -> str:
        """Hash of the pixels' source: the content, and how it is decoded.

        What version 0.1 decoded as it is decoded now has the hash that it had then.
        """
        scaled = " scaled" if self.finding.is_scaled else ""
        turned = " upright" if upright and self.finding.is_turned else ""
        return f"{self.finding.content}{scaled}{turned}"

    @property
    def content(self) -> str:
        """SHA-256 of its bytes."""
        return self.finding.content or ""


Ranked = tuple[tuple[Candidate, ...], ...]
"""Of each class, by label."""


def rank(findings: Mapping[str, Finding], layout: Layout) -> tuple[Ranked, Skipped]:
    """The usable pictures of each class by the hash of their content, and what is skipped."""
    skipped = [(name, "not a picture file") for name in layout.strays]
    names_of: dict[str, list[str]] = defaultdict(list)
    for name, finding in findings.items():
        if finding.content is None:
            skipped.append((name, finding.fault or "no good"))
        else:
            names_of[finding.content].append(name)
    label_of = {name: label for label, name in enumerate(layout.class_names)}
    ranked: tuple[list[Candidate], ...] = tuple([] for _ in label_of)
    for _, names in sorted(names_of.items()):
        labels = {label_of[layout.class_of[name]] for name in names}
        if len(labels) > 1:
            where = "both" if len(label_of) == 2 else str(len(labels))
            skipped += [(name, f"the same picture is in {where} classes") for name in names]
            continue
        ranked[labels.pop()].append(Candidate(names[0], findings[names[0]]))
        skipped += [(name, f"the same picture as {names[0]}") for name in names[1:]]
    return tuple(map(tuple, ranked)), tuple(sorted(skipped))


def twin_groups(ranked: Ranked) -> dict[Place, Place]:
    """Of every picture with twins, the first of them by content, itself included.

    Over all usable pictures, so that a limit changes none of it.
    """
    places = sorted(
        (
            (label, position)
            for label, of_class in enumerate(ranked)
            for position in range(len(of_class))
        ),
        key=lambda place: ranked[place[0]][place[1]].content,
    )
    first = twins([ranked[label][position].finding.look for label, position in places])
    groups = {index for own, index in enumerate(first) if own != index}
    return {
        place: places[index] for place, index in zip(places, first, strict=True) if index in groups
    }
