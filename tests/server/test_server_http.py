"""The server as programs meet it: methods, passwords, headers, paths, and its start and end."""

import base64
import gzip
import json
import re
import signal
import socket
import subprocess
import sys
from urllib.parse import quote

import pytest
from report.publishing import show
from server.conftest import HOSTILE, ODD
from server.serving import Answer, ask, fill, refused, serve, small_study

from sweep.store import open_store

CHANGES = [
    ("POST", "/api/studies", {"study_name": "new", "directions": ["maximize"]}, 201),
    ("PUT", "/api/studies/1/note", {"version": 1, "body": "look here"}, 204),
    ("DELETE", "/api/studies/1", {}, 204),
]


def change(address: str, method: str, path: str, body: dict, **headers: str) -> Answer:
    said = {"Content_Type": "application/json"} | headers
    return ask(address, path, method, json.dumps(body).encode(), **said)


def basic(password: bytes, user: bytes = b"anybody") -> str:
    return "Basic " + base64.b64encode(user + b":" + password).decode()


@pytest.mark.parametrize(("method", "path", "body", "_"), CHANGES)
def test_nothing_changes_without_leave(address, method, path, body, _):
    before = ask(address, "/api/studies").body
    answer = change(address, method, path, body)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert "--allow-edits" in answer.text
    assert ask(address, "/api/studies").body == before


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "TRACE", "CONNECT", "NONSENSE"])
@pytest.mark.parametrize("path", ["/", "/studies/made", "/dashboard", "/assets/live.js"])
def test_other_methods_are_refused_everywhere(address, method, path):
    assert ask(address, path, method).status == 405


def test_with_leave_the_dashboard_changes_the_store(own_url):
    with serve(own_url, "--allow-edits") as address:
        for method, path, body, status in CHANGES:
            foreign = change(address, method, path, body, Origin="http://elsewhere.example")
            assert foreign.status == 403
            marked = change(address, method, path, body, Sec_Fetch_Site="cross-site")
            assert marked.status == 403
            answer = change(address, method, path, body, Origin=address)
            assert answer.status == status, answer.text
        (left,) = json.loads(ask(address, "/api/studies").body)["study_summaries"]
        assert left["study_name"] == "new"
        assert ask(address, "/", "POST").status == 405


def test_head_is_get_without_the_body(address):
    for path in ("/", "/studies/made", "/assets/plotly.js", "/dashboard", "/nothing"):
        whole, head = ask(address, path), ask(address, path, "HEAD")
        assert (head.status, head.body) == (whole.status, b"")
        assert head.headers["Content-Type"] == whole.headers["Content-Type"]


def test_every_page_is_there(address):
    index = ask(address, "/")
    assert index.status == 200
    for name in ("made", HOSTILE, ODD):
        assert f'href="/studies/{quote(name)}"' in index.text
        page = ask(address, f"/studies/{quote(name)}")
        assert page.status == 200
        assert "36 of 36 trials finished" in page.text
    assert ask(address, "/studies").headers["Location"].endswith("/")
    assert b"Optuna Dashboard" in ask(address, "/dashboard/studies/1").body
    assert ask(address, "/csv/1", Accept_Encoding="gzip").text.startswith("Number,State,")
    for path in ("/favicon.ico", "/static/bundle.js"):
        assert ask(address, path, Accept_Encoding="gzip").status == 200
    assert ask(address, "/incompatible-rdb-schema").status == 302


def test_each_trial_leads_to_its_own_in_the_dashboard(address):
    studies = json.loads(ask(address, "/api/studies").body)["study_summaries"]
    for name in ("made", HOSTILE, ODD):
        (mirror,) = [study["study_id"] for study in studies if study["study_name"] == name]
        links = re.findall(r'href="(/studies/[^"]+/trials/\d+)"', ask(address, study_at(name)).text)
        assert links == [f"{study_at(name)}/trials/{number}" for number in range(36)]
        for link in (links[0], links[-1]):
            answer = ask(address, link)
            number = link.rpartition("/")[2]
            assert answer.status == 303
            assert answer.headers["Location"] == (
                f"/dashboard/studies/{mirror}/trials?numbers={number}"
            )
    assert ask(address, "/studies/none/trials/1").status == 404
    assert ask(address, "/studies/made/trials/x").status == 404


def study_at(name: str) -> str:
    return f"/studies/{quote(name)}"


def test_the_report_is_an_artifact_and_nothing_else_is(own_url, tmp_path):
    artifacts = tmp_path / "reports" / "artifacts"
    with open_store(own_url) as store:
        show(store, store.results("own"), artifacts)
    (tmp_path / "reports" / "aaaa").write_text("secret")
    (artifacts / "bbbb").write_text("not Optuna's")
    with serve(own_url, "--allow-edits", folder=tmp_path) as address:
        (report,) = json.loads(ask(address, "/api/studies/1").body)["artifacts"]
        at = f"/artifacts/1/{report['artifact_id']}"
        answer = ask(address, at)
        assert answer.body == (artifacts / report["artifact_id"]).read_bytes()
        assert answer.headers["Content-Type"] == "text/html"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
        assert answer.headers["Access-Control-Allow-Origin"] is None
        for path in ("/artifacts/1/../aaaa", "/artifacts/1/..%2faaaa", "/artifacts/1/bbbb"):
            assert ask(address, path).status == 404
        file = {"file": "data:text/plain;base64,aGVsbG8=", "filename": "../../../note.txt"}
        mine = change(address, "POST", "/api/artifacts/1", file, Origin=address)
        name = json.loads(mine.body)["artifact_id"]
        assert (artifacts / name).read_text() == "hello"
        assert ask(address, f"/artifacts/1/{name}").body == b"hello"
        assert change(address, "DELETE", f"/api/artifacts/1/{name}", {}).status == 204
        assert not (artifacts / name).exists()
        artifacts.rename(tmp_path / "elsewhere")
        gone = ask(address, at)
        assert (gone.status, "where this server looks" in gone.text) == (404, True)
    with serve(own_url, folder=tmp_path) as address:
        assert change(address, "POST", "/api/artifacts/1", file).status == 405
        assert change(address, "DELETE", f"/api{at}", {}).status == 405
    assert not artifacts.exists()


def test_names_are_escaped(address):
    for path in ("/", f"/studies/{quote(HOSTILE)}", "/studies/%3Cscript%3Eno"):
        page = ask(address, path).text
        assert "<script>window" not in page
        assert "<script>no" not in page
        assert "&lt;script&gt;" in page


def test_headers_protect_every_answer(address):
    for path in ("/", "/studies/made", "/nothing", "/assets/live.js", "/dashboard", "/api/studies"):
        headers = ask(address, path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "SAMEORIGIN"
        assert headers["Content-Security-Policy"]
        assert headers["Server"] is None
    for path in ("/", "/studies/made", "/nothing"):
        policy = ask(address, path).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
    policy = ask(address, "/artifacts/1/x").headers["Content-Security-Policy"]
    assert policy.startswith("sandbox")


def test_what_has_not_changed_is_not_sent_again(address):
    for path in ("/", "/studies/made", "/assets/plotly.js"):
        first = ask(address, path)
        again = ask(address, path, If_None_Match=first.headers["ETag"])
        assert (again.status, again.body) == (304, b"")
        assert ask(address, path, If_None_Match='W/"other"').status == 200
        packed = ask(address, path, Accept_Encoding="gzip")
        assert len(packed.body) < len(first.body) / 2
        assert gzip.decompress(packed.body) == first.body
    script = ask(address, "/").text.partition('src="/assets/live.js')[2].partition('"')[0]
    assert "immutable" in ask(address, f"/assets/live.js{script}").headers["Cache-Control"]
    assert "no-cache" in ask(address, "/assets/live.js?v=old").headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/assets/../../../../etc/passwd",
        "/assets/..%2f..%2f..%2fetc%2fpasswd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets//etc/passwd",
        "/assets/%2fetc%2fpasswd",
        "/assets/report.html",
        "/assets/report.js%00.html",
        "/assets/..%5c..%5cetc%5cpasswd",
        "/studies/../../etc/passwd",
        "/studies/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/studies/made%00",
        "/studies/made/../../etc/passwd",
        "/static/../../../../../../../../etc/passwd",
        "/static/..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/static//etc/passwd",
        "/static/%00/etc/passwd",
        "/static/../_app.py",
        "/artifacts/1/..%2f..%2fetc%2fpasswd",
        "/artifacts/1/%2e%2e/%2e%2e/etc/passwd",
        "/dashboard/%00",
        "/sweep.db",
        "//etc/passwd",
        "/etc/passwd",
        "file:///etc/passwd",
        "/%ff%fe",
        "/studies/%ff",
    ],
)
def test_no_path_leads_to_a_file(address, path):
    answer = ask(address, path, Accept_Encoding="gzip")
    assert answer.status in (400, 403, 404)
    for content in (b"root:", b"SQLite format", b"import ", b"{%"):
        assert content not in answer.body


def test_a_password_is_asked_everywhere(url):
    secret = "grüße % : x"
    with serve(url, "--host", "0.0.0.0", SWEEP_PASSWORD=secret) as address:
        assert address.startswith("http://127.0.0.1:")
        wrong = [
            {},
            {"Authorization": basic(b"wrong")},
            {"Authorization": basic(b"")},
            {"Authorization": basic(secret.encode() + b"x")},
            {"Authorization": basic(secret.encode("latin-1"))},
            {"Authorization": "Basic ???"},
            {"Authorization": "Basic"},
            {"Authorization": "Bearer " + secret.encode().hex()},
        ]
        for path in ("/", "/studies/made", "/assets/live.js", "/dashboard", "/api/studies", "/no"):
            for headers in wrong:
                answer = ask(address, path, **headers)
                assert answer.status == 401
                assert answer.headers["WWW-Authenticate"].startswith("Basic ")
                assert b"made" not in answer.body
        right = basic(secret.encode())
        assert ask(address, "/", Authorization=right, Host="any.example").status == 200
        assert ask(address, "/api/studies", Authorization=right).status == 200
        assert ask(address, "/api/studies", "POST", Authorization=right).status == 405


def test_other_hosts_need_a_password_or_leave(url):
    for password in ({}, {"SWEEP_PASSWORD": ""}):
        status, said = refused(url, "--host", "0.0.0.0", "--port", "0", **password)
        assert status == 2
        assert "SWEEP_PASSWORD" in said
        assert "--no-auth" in said
    with serve(url, "--host", "0.0.0.0", "--no-auth", SWEEP_PASSWORD="unused") as address:
        assert ask(address, "/", Host="any.example").status == 200


def test_foreign_names_of_this_machine_are_refused(address):
    port = address.rpartition(":")[2]
    for name in ("localhost", "127.0.0.1", "[::1]", "LOCALHOST"):
        assert ask(address, "/", Host=f"{name}:{port}").status == 200
    for name in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "[::"):
        assert ask(address, "/", Host=name).status == 421


def test_a_later_study_appears_and_a_study_that_grows_is_shown_anew(own_url):
    with serve(own_url) as address:
        assert ask(address, "/studies/later").status == 404
        before = ask(address, "/studies/own").text
        assert "36 of 36 trials finished" in before
        fill(own_url, small_study(name="later", seeds=(7, 8, 9)), small_study(name="own", seeds=4))
        assert "/studies/later" in ask(address, "/").text
        assert ask(address, "/studies/later").status == 200
        grown = ask(address, "/studies/own")
        while "48 of 48 trials finished" not in grown.text:
            grown = ask(address, "/studies/own")


def test_it_does_not_start_in_vain(url, tmp_path):
    status, said = refused(f"sqlite:///{tmp_path / 'none.db'}", "--port", "0")
    assert (status, "there is no store at" in said) == (3, True)
    assert not (tmp_path / "none.db").exists()
    status, said = refused(url, "--host", "no.such.host.invalid", "--no-auth")
    assert (status, "--host no.such.host.invalid" in said) == (2, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, said = refused(url, "--port", str(port))
    assert (status, f"127.0.0.1:{port}" in said, "--port" in said) == (3, True, True)


def test_a_request_to_terminate_ends_it_well(url):
    with serve(url, stop=signal.SIGTERM) as address:
        assert ask(address, "/").status == 200


def test_pandas_is_whole_before_anything_is_drawn(tmp_path):
    """Plotly fails on one that another thread is loading, as optuna-dashboard does."""
    url = f"sqlite:///{tmp_path / 'sweep.db'}"
    fill(url, small_study(name="one"))
    script = (
        "import sys; from pathlib import Path; from sweep.server import open_server\n"
        f"with open_server({url!r}, Path({str(tmp_path)!r}), '127.0.0.1', 0, None):\n"
        "    assert hasattr(sys.modules['pandas'], 'Series')\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_store_that_is_only_read_is_served_whole(own_url, tmp_path):
    before = sorted(path.name for path in tmp_path.iterdir())
    url = f"sqlite:///file:{tmp_path}/sweep.db?mode=ro&uri=true"
    with serve(url) as address:
        for path in ("/", "/studies/own", "/dashboard"):
            assert ask(address, path).status == 200
        assert '"own"' in ask(address, "/api/studies").text
        assert sorted(path.name for path in tmp_path.iterdir()) == before
        fill(own_url, small_study(name="later", seeds=(7,)))
        assert '"later"' in ask(address, "/api/studies").text
        assert ask(address, "/studies/later").status == 200
    status, said = refused(url, "--allow-edits")
    assert status == 3
    assert "cannot be written" in said
