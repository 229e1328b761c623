"""Pages as they are now: made when somebody asks, and again when the store has changed.

A page costs a fraction of a second to some seconds of computing, which may be a training's too: it
is made for all readers at once, and never again before ``REST`` times what it took has passed.
"""

import gzip
import hashlib
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any
from urllib.parse import quote

from plotly.offline import get_plotlyjs

from sweep.analysis.evidence import gather, pictures_name
from sweep.report.markup import source, templates
from sweep.report.page import content
from sweep.server.sketch import HEIGHT, WIDTH, Sketch, sketch
from sweep.store import Store, StudySummary

REST = 4
MAX_PAGES = 20
"""Kept at once; the one that was asked for longest ago goes."""


@dataclass(frozen=True)
class Content:
    """Something to send: its bytes, plain and compressed, and a tag that tells versions apart."""

    type: str
    body: bytes

    @cached_property
    def compressed(self) -> bytes:
        """The bytes in gzip."""
        return gzip.compress(self.body, 6, mtime=0)

    @cached_property
    def tag(self) -> str:
        """Another one for other bytes."""
        return hashlib.sha256(self.body).hexdigest()[:32]


@dataclass(frozen=True)
class Card:
    """A study in the list of studies."""

    summary: StudySummary
    is_running: bool
    pictures: str
    headline: str
    sketch: Sketch


@dataclass(frozen=True)
class _Kept:
    version: tuple[Any, ...]
    content: Content
    rests_until: float


class Live:
    """The pages of a store's studies.

    Args:
        store: where they are.
        clock: the time now, in seconds from whenever.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._cards: dict[str, Card] = {}
        self._pages: OrderedDict[str, _Kept] = OrderedDict()
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)
        self.assets = _assets()

    def index(self) -> Content:
        """The list of studies."""
        summaries = self._store.studies()
        cards = [self._card(summary) for summary in summaries]
        self._cards = {card.summary.name: card for card in cards}
        return self._rendered("studies.html", cards=cards, width=WIDTH, height=HEIGHT)

    def study(self, name: str) -> Content | None:
        """A study's page; None if there is none of that name."""
        summary = next((each for each in self._store.studies() if each.name == name), None)
        if summary is None:
            return None
        with self._locks[name]:
            kept = self._pages.get(name)
            if kept is None or self._clock() >= kept.rests_until:
                kept = self._pages[name] = self._page(summary, kept)
            self._pages.move_to_end(name)
            while len(self._pages) > MAX_PAGES:
                self._pages.popitem(last=False)
            return kept.content

    def mirror_id(self, name: str) -> int | None:
        """Optuna's id of a study; None if Optuna has none of that name."""
        return self._store.mirror_id(name)

    def _page(self, summary: StudySummary, kept: _Kept | None) -> _Kept:
        is_running = self._store.is_running(summary.name)
        version = (self._store.version(summary.name), is_running)
        if kept is not None and kept.version == version:
            return kept
        started = self._clock()
        results = self._store.results(summary.name)
        page = self._rendered(
            "study.html",
            **content(results),
            summary=summary,
            is_running=is_running,
            trials_at=f"/studies/{quote(summary.name)}/trials/",
        )
        now = self._clock()
        return _Kept(version, page, rests_until=now + REST * (now - started))

    def _card(self, summary: StudySummary) -> Card:
        """The study's card: the last one, unless a trial has ended or a run begun since."""
        is_running = self._store.is_running(summary.name)
        last = self._cards.get(summary.name)
        if last is not None and (last.summary, last.is_running) == (summary, is_running):
            return last
        results = self._store.results(summary.name)
        evidence = gather(results)
        return Card(
            summary,
            is_running,
            pictures_name(results),
            evidence.verdict.headline,
            sketch(evidence.grid),
        )

    def _rendered(self, template: str, **values: Any) -> Content:
        urls = {name: f"/assets/{name}?v={asset.tag}" for name, asset in self.assets.items()}
        text = templates().get_template(template).render(**values, assets=urls)
        return Content("text/html; charset=utf-8", text.encode())


def _assets() -> dict[str, Content]:
    """What pages load, by name: all that can be asked for under ``/assets``."""
    script, style = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
    makers: dict[str, tuple[str, Callable[[], str]]] = {
        "plotly.js": (script, get_plotlyjs),
        "report.js": (script, lambda: source("report.js")),
        "live.js": (script, lambda: source("live.js")),
        "pages.css": (style, lambda: source("report.css") + source("live.css")),
    }
    return {name: Content(type, make().encode()) for name, (type, make) in makers.items()}
