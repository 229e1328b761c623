"""The files under docker/ are understood by what reads them, and say what is meant."""

import json
import os
import re
import stat
import subprocess
import tomllib
from importlib import resources
from pathlib import PurePosixPath

import jsonschema
import pytest
import yaml
from containers import (
    DOCKER,
    ROOT,
    beside_python,
    compose,
    image,
    instructions,
    said_in_runs,
)
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.testing import CliRunner

from sweep.cli.app import app

EXTRAS = ("gpu", "postgres", "ray")
RUNS = {name: service for name, service in compose()["services"].items() if "profiles" in service}


def sweep_commands():
    """What is asked of ``sweep``, by the file that asks for it."""
    for name, service in compose()["services"].items():
        if "build" in service and "entrypoint" not in service:
            yield f"compose.yaml: {name}", service.get("command", image().command)
    job, _ = yaml.safe_load_all((DOCKER / "kubernetes-job.yaml").read_text())
    yield "kubernetes-job.yaml", job["spec"]["template"]["spec"]["containers"][0]["args"]
    script = (DOCKER / "slurm.sbatch").read_text()
    yield "slurm.sbatch", re.findall(r"sweep\.sif (run .*)", script)[0].split()


class TestDockerfile:
    def test_linter_finds_nothing(self):
        done = subprocess.run(
            [beside_python("hadolint"), DOCKER / "Dockerfile"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    def test_user_is_not_root_and_owns_only_what_is_written(self):
        assert image().user == 10001
        assert f"useradd --uid {image().user} " in said_in_runs()
        assert image().environment["SWEEP_CACHE"] in image().owned
        assert image().folder in image().owned
        assert f"{image().folder}/reports" in image().owned

    def test_nothing_is_installed_unpinned(self):
        installs = re.findall(r"pip install [^&]*", said_in_runs())
        assert len(installs) == 2
        assert "--constraint /tmp/constraints.txt" in installs[0]
        assert "--no-deps" in installs[1]

    def test_every_dependency_has_a_pin_that_fits(self):
        lines = (DOCKER / "constraints.txt").read_text().splitlines()
        pins = dict(line.split("==") for line in lines if re.match(r"[a-z]", line))
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        wanted = [*project["dependencies"]]
        for extra in EXTRAS:
            wanted += project["optional-dependencies"][extra]
        for requirement in map(Requirement, wanted):
            pin = pins[canonicalize_name(requirement.name)].partition(" ")[0]
            assert requirement.specifier.contains(pin), requirement

    def test_only_what_the_wheel_is_made_of_is_sent(self):
        lines = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
        rules = [line for line in lines if line and not line.startswith("#")]
        assert rules[0] == "*"
        sent = {rule[1:] for rule in rules if rule.startswith("!")}
        wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
        packages = wheel["targets"]["wheel"]
        assert sent == {
            *("pyproject.toml", "README.md", "LICENSE", "docker/constraints.txt"),
            *packages["packages"],
            *packages["force-include"],
        }
        assert all((ROOT / path).exists() for path in sent)

    def test_files_named_are_sent(self):
        sources = re.findall(r"source=([\w./]+)", said_in_runs())
        assert sources == ["pyproject.toml", "docker/constraints.txt"]
        assert not [name for name, _ in instructions() if name in ("COPY", "ADD", "VOLUME")]


class TestCompose:
    def test_published_schema_holds(self):
        schemas = resources.files("check_jsonschema.builtin_schemas.vendor")
        schema = json.loads(schemas.joinpath("compose-spec.json").read_text())
        validator = jsonschema.Draft202012Validator(schema)
        validator.validate(compose())
        more = yaml.safe_load((DOCKER / "compose.hosts.yaml").read_text())
        validator.validate(more)
        assert set(more["services"]) <= set(compose()["services"])
        broken = compose()
        broken["services"]["serve"]["port"] = broken["services"]["serve"].pop("ports")
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(broken)

    def test_profiles(self):
        profiles = {name: service["profiles"] for name, service in RUNS.items()}
        assert profiles["sweep"] == ["gpu"]
        assert profiles["sweep-cpu"] == ["cpu"]
        assert (DOCKER / ".env").read_text() == "COMPOSE_PROFILES=gpu\n"
        assert all(profiles[name] == ["ray"] for name in profiles if "ray" in name)
        always = set(compose()["services"]) - set(RUNS)
        assert always == {"postgres", "serve"}

    def test_a_gpu_is_asked_for_where_the_image_can_use_one_and_nowhere_else(self):
        for name, service in compose()["services"].items():
            devices = service.get("deploy", {}).get("resources", {}).get("reservations", {})
            extras = service.get("build", {}).get("args", {}).get("EXTRAS", "")
            assert bool(devices) == ("gpu" in extras.split(",")) == ("gpu" in service["image"]), (
                name
            )
            if devices:
                [device] = devices["devices"]
                assert (device["driver"], device["capabilities"]) == ("nvidia", ["gpu"])

    def test_only_this_machine_reaches_a_port(self):
        published = {name: service.get("ports") for name, service in compose()["services"].items()}
        assert published.pop("serve") == ["127.0.0.1:8080:8080"]
        assert not any(published.values())

    def test_runs_are_begun_again_and_told_to_end_in_time(self):
        for name in ("sweep", "sweep-cpu"):
            assert RUNS[name]["restart"] == "on-failure:5"
            assert RUNS[name]["stop_grace_period"] == "1m"

    def test_what_is_written_lies_in_volumes_on_folders_of_the_user(self):
        volumes = compose()["volumes"]
        for name in ("sweep", "sweep-cpu"):
            mounted = dict(volume.split(":") for volume in RUNS[name]["volumes"])
            assert set(mounted) <= set(volumes)
            assert set(mounted.values()) == {"/cache", "/work/reports"} <= set(image().owned)

    def test_no_password_is_in_the_environment_or_a_command(self):
        for name, service in compose()["services"].items():
            for variable, value in service.get("environment", {}).items():
                if "PASSWORD" in variable or "STORE" in variable:
                    assert variable.endswith("_FILE"), name
                    secret = PurePosixPath(value)
                    assert str(secret.parent) == "/run/secrets"
                    assert secret.name in service["secrets"]
                    assert secret.name in compose()["secrets"]


class TestSecrets:
    def test_made_once_readable_by_the_services_in_a_folder_of_ones_own(self, secrets):
        assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
        made = {path.name: path.read_text() for path in secrets.iterdir()}
        assert set(made) == set(compose()["secrets"])
        for secret in compose()["secrets"].values():
            assert (secrets.parent / secret["file"]).is_file()
        assert len({made["postgres-password"], made["web-password"]}) == 2
        assert re.fullmatch(r"[0-9a-f]{48}", made["web-password"])
        url = f"postgresql+psycopg://sweep:{made['postgres-password']}@postgres/sweep\n"
        assert made["store-url"] == url
        for path in secrets.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o444
        subprocess.run([secrets.parent / "make-secrets"], check=True)
        assert {path.name: path.read_text() for path in secrets.iterdir()} == made

    def test_git_does_not_take_them(self):
        ignored = (ROOT / ".gitignore").read_text().splitlines()
        assert "/docker/secrets/" in ignored


class TestOtherSchedulers:
    @pytest.mark.parametrize("script", ["make-secrets", "slurm.sbatch"])
    def test_shell_scripts_pass_the_linter(self, script):
        done = subprocess.run(
            [beside_python("shellcheck"), DOCKER / script],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    @pytest.mark.parametrize(("ends", "again"), [(0, False), (1, False), (143, True)])
    def test_slurm_job_is_queued_again_after_its_time_limit_only(self, ends, again, tmp_path):
        """With commands of a cluster that only note what they are asked."""
        for name, status in (("srun", ends), ("scontrol", 0)):
            program = tmp_path / name
            program.write_text(f'#!/bin/sh\necho {name} "$@" >>asked\nexit {status}\n')
            program.chmod(0o755)
        done = subprocess.run(
            ["bash", DOCKER / "slurm.sbatch"],
            cwd=tmp_path,
            env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SLURM_JOB_ID": "7"},
            check=False,
        )
        asked = (tmp_path / "asked").read_text().splitlines()
        assert done.returncode == ends
        assert asked[0].startswith("srun apptainer run --nv ")
        assert f"SWEEP_STORE_FILE={tmp_path}/store-url" in asked[0]
        assert asked[1:] == (["scontrol requeue 7"] if again else [])

    def test_kubernetes_knows_every_field(self):
        """The official client, made from the published API, drops what it does not know."""
        client = pytest.importorskip("kubernetes.client")
        documents = list(yaml.safe_load_all((DOCKER / "kubernetes-job.yaml").read_text()))
        for document in documents:
            kind = f"V1{document['kind']}"
            known = client.ApiClient()._ApiClient__deserialize(document, kind)
            assert client.ApiClient().sanitize_for_serialization(known) == document

    def test_kubernetes_job_is_the_image_s_user_with_volumes_on_its_folders(self):
        job, claim = yaml.safe_load_all((DOCKER / "kubernetes-job.yaml").read_text())
        pod = job["spec"]["template"]["spec"]
        [container] = pod["containers"]
        assert pod["securityContext"]["runAsUser"] == image().user
        assert pod["securityContext"]["fsGroup"] == image().user
        mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
        assert {"/cache", "/work/reports"} <= set(mounts)
        assert container["env"][0]["value"] == "/run/secrets/sweep/store-url"
        assert "/run/secrets/sweep" in mounts
        assert {volume["name"] for volume in pod["volumes"]} == set(mounts.values())
        claimed = pod["volumes"][0]["persistentVolumeClaim"]["claimName"]
        assert claimed == claim["metadata"]["name"]


@pytest.mark.parametrize(("where", "command"), [*sweep_commands()])
def test_sweep_knows_the_command_and_its_options(where, command):
    shown = CliRunner().invoke(app, [command[0], "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0, where
    for option in (word for word in command if word.startswith("--")):
        assert option in shown.stdout, where
