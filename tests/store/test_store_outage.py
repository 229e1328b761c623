"""A server that goes away in the middle of a run: nothing is lost, nothing is there twice."""

import gc
import selectors
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest
from made_plans import cohorts_of, trials_of
from postgres_server import PostgresServer
from processes import python_path
from sqlalchemy import make_url
from store.making import KEY, made_training, make_provenance, make_study, run_all, write_all

from sweep.errors import StoreBusyError
from sweep.planning.events import CohortResult, EpochResult, Event
from sweep.store import RunWriter, Store, open_store

STUDY = make_study(seeds=6)

# A session that ends while SQLAlchemy or Optuna sets it up is left to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """No other test meets what is left."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a run gives that nothing disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with open_store(f"sqlite:///{folder}/sweep.db", create=True) as store:
        run_all(store, STUDY)
        return store.results("small").to_csv(epochs=True)


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    """Only PostgreSQL can go away."""
    return postgres.new_database()


def check_whole(store: Store, undisturbed: str) -> None:
    assert store.results("small").to_csv(epochs=True) == undisturbed
    assert store.check() == ()


def database_of(url: str) -> str:
    return str(make_url(url).database)


@contextmanager
def meanwhile(do: Callable[[], object]) -> Iterator[None]:
    """Do something some times, in another thread."""
    is_over = threading.Event()

    def work() -> None:
        for _ in range(8):
            do()
            if is_over.wait(0.1):
                return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def test_sessions_that_are_ended_again_and_again(
    postgres: PostgresServer, store: Store, url: str, undisturbed: str
) -> None:
    """From the run's beginning on; before it has its lock, an error is its end."""
    ended = []
    with (
        store.run(STUDY, make_provenance(), trials_of(STUDY, KEY)) as writer,
        meanwhile(lambda: ended.append(postgres.end_sessions(database_of(url)))),
    ):
        for cohort in cohorts_of(STUDY, KEY):
            write_all(writer, made_training(cohort, STUDY.epochs))
    assert sum(ended) > 1
    run_all(store, STUDY)  # the mirror too is in step at the end of an undisturbed run
    check_whole(store, undisturbed)


def test_sessions_that_are_ended_before_each_write(
    postgres: PostgresServer, store: Store, url: str, undisturbed: str
) -> None:
    with store.run(STUDY, make_provenance(), trials_of(STUDY, KEY)) as writer:
        for cohort in cohorts_of(STUDY, KEY):
            for event in made_training(cohort, STUDY.epochs):
                postgres.end_sessions(database_of(url))
                writer.write(event)
                assert store.is_running("small")
        postgres.end_sessions(database_of(url))
    check_whole(store, undisturbed)
    assert not store.is_running("small")


def test_a_server_that_stops_and_starts(
    postgres: PostgresServer, store: Store, undisturbed: str, caplog: pytest.LogCaptureFixture
) -> None:
    first, *others = cohorts_of(STUDY, KEY)
    with store.run(STUDY, make_provenance(), trials_of(STUDY, KEY)) as writer:
        write_all(writer, made_training(first, STUDY.epochs))
        postgres.stop()
        start = threading.Timer(0.5, postgres.start)
        start.start()
        for cohort in others:
            write_all(writer, made_training(cohort, STUDY.epochs))
        start.join()
    check_whole(store, undisturbed)
    assert "connection to the store is lost" in caplog.text


class Proxy:
    """Between a store and its server: cuts the connection at a commit.

    Args:
        server: the server's socket.
        hears: whether the server still gets the commit.
        lets_go: whether the server learns that the connection is cut.
    """

    def __init__(self, server: Path, *, hears: bool, lets_go: bool) -> None:
        self._server, self._hears, self._lets_go = server, hears, lets_go
        self.cuts = 0
        self.left_to_cut = 0
        self._kept: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()
        for kept in self._kept:
            kept.close()

    def _accept(self) -> None:
        carriers = []
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                carriers.append(threading.Thread(target=self._carry, args=(client,)))
                carriers[-1].start()
        for carrier in carriers:
            carrier.join()

    def _carry(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(str(self._server))
        with client, selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _ in selector.select():
                    source = key.fileobj
                    assert isinstance(source, socket.socket)
                    data = source.recv(65536)
                    if not data:
                        server.close()
                        return
                    if source is client and b"COMMIT" in data and self.left_to_cut:
                        self._cut(server, data)
                        return
                    key.data.sendall(data)

    def _cut(self, server: socket.socket, data: bytes) -> None:
        self.left_to_cut -= 1
        self.cuts += 1
        if self._hears:
            server.sendall(data)
            server.recv(65536)
        if self._lets_go:
            server.close()
        else:
            self._kept.append(server)


@pytest.mark.parametrize(
    ("hears", "lets_go"),
    [(True, True), (True, False), (False, True), (False, False)],
    ids=["done", "done, session lives", "not done", "not done, session lives"],
)
def test_a_commit_whose_answer_is_lost(
    postgres: PostgresServer, url: str, undisturbed: str, hears: bool, lets_go: bool
) -> None:
    socket_file = postgres.socket_folder / ".s.PGSQL.5432"
    with (
        closing(Proxy(socket_file, hears=hears, lets_go=lets_go)) as proxy,
        open_store(
            f"postgresql://postgres@127.0.0.1:{proxy.port}/{database_of(url)}", create=True
        ) as store,
    ):
        with store.run(STUDY, make_provenance(), trials_of(STUDY, KEY)) as writer:
            for cohort in cohorts_of(STUDY, KEY):
                for event in made_training(cohort, STUDY.epochs):
                    is_first = isinstance(event, EpochResult) and event.epoch == 1
                    if isinstance(event, CohortResult) or is_first:
                        proxy.left_to_cut = 1
                    writer.write(event)
        assert proxy.cuts == 2 * 12
        check_whole(store, undisturbed)


def test_a_run_that_another_one_followed_stops(
    postgres: PostgresServer, store: Store, url: str
) -> None:
    """The other one began and ended while this one had no connection."""
    first, second, *_ = cohorts_of(STUDY, KEY)

    def run_and_be_followed() -> None:
        with store.run(STUDY, make_provenance(), trials_of(STUDY, KEY)) as writer:
            write_all(writer, made_training(first, STUDY.epochs))
            events = made_training(second, STUDY.epochs)
            writer.write(next(events))
            postgres.end_sessions(database_of(url))
            with open_store(url) as other:
                assert run_all(other, STUDY) == 22
            write_all(writer, events)

    with pytest.raises(
        StoreBusyError, match="run of process 4321 on this-host writes to the study"
    ):
        run_and_be_followed()
    assert store.studies()[0].completed == 24
    assert store.check() == ()


def test_a_run_whose_lock_was_taken_stops(postgres: PostgresServer, store: Store, url: str) -> None:
    first, second, third, *_ = cohorts_of(STUDY, KEY)
    with open_store(url) as other, ExitStack() as taking:

        def run_until_taken() -> None:
            with store.run(STUDY, make_provenance(), trials_of(STUDY, KEY)) as writer:
                write_all(writer, made_training(first, STUDY.epochs))
                postgres.end_sessions(database_of(url))
                taker = taking.enter_context(
                    other.run(STUDY, make_provenance(), trials_of(STUDY, KEY))
                )
                events = made_training(second, STUDY.epochs)
                taker.write(next(events))
                taken.append((taker, events))
                write_all(writer, made_training(third, STUDY.epochs))

        taken: list[tuple[RunWriter, Iterator[Event]]] = []
        with pytest.raises(StoreBusyError, match="had no connection"):
            run_until_taken()
        # The one that stopped has left alone what is the other one's.
        ((taker, events),) = taken
        write_all(taker, events)
    with open_store(url) as other:
        assert other.studies()[0].completed == 4
        assert other.check() == ()


_IMPATIENT = """
import sys
from store.making import *
from sweep.store import database, open_store

database.PATIENCE_SECONDS = 1.5
study = make_study(seeds=6)
first, *others = cohorts_of(study, KEY)
with open_store(sys.argv[1], create=True) as store:
    with store.run(study, make_provenance(), trials_of(study, KEY)) as writer:
        write_all(writer, made_training(first, 3))
        print("one cohort", flush=True)
        sys.stdin.readline()
        for cohort in others:
            write_all(writer, made_training(cohort, 3))
"""


def test_a_run_gives_up_after_a_while(postgres: PostgresServer, url: str, undisturbed: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _IMPATIENT, url],
        env={"PYTHONPATH": python_path()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "one cohort\n"
        postgres.stop()
        began_at = time.monotonic()
        _, errors = process.communicate("\n")
        assert time.monotonic() - began_at >= 1.5
    postgres.start()
    assert "the database server does not answer: postgresql" in errors
    assert "what was finished is kept" in errors
    with open_store(url) as store:
        assert run_all(store, STUDY) == 22
        check_whole(store, undisturbed)
