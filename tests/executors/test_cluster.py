"""Which Ray cluster is asked for, and what is refused before anything is looked for."""

import pytest
from typer.testing import CliRunner

from sweep.cli.app import app
from sweep.errors import UsageError
from sweep.executors import cluster
from sweep.executors.cluster import RayCluster, ray_cluster

pytest.importorskip("ray", reason="a cluster needs ray")


def test_address_is_what_is_typed_or_the_environments_or_an_own_one(monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    assert ray_cluster(None, None, None).is_own
    monkeypatch.setenv("RAY_ADDRESS", "head:6379")
    assert ray_cluster(None, 0.5, 2) == RayCluster("head:6379", 0.5, 2)
    assert ray_cluster("ray://other:10001", None, None).address == "ray://other:10001"


@pytest.mark.parametrize("gpus", [0, 0.25, 1, 2])
def test_shares_that_ray_can_hand_out(gpus):
    assert RayCluster(gpus_per_cohort=gpus).gpus_per_cohort == gpus


@pytest.mark.parametrize("share", [-1, 1.5, float("nan"), float("inf")])
@pytest.mark.parametrize("kind", ["gpus_per_cohort", "cpus_per_cohort"])
def test_shares_that_ray_cannot_hand_out(kind, share):
    with pytest.raises(UsageError, match=f"--{kind.replace('_', '-')}"):
        RayCluster(**{kind: share})


def test_cohort_without_a_processor_is_refused():
    with pytest.raises(UsageError, match="--cpus-per-cohort"):
        RayCluster(cpus_per_cohort=0)


def test_without_ray_the_remedy_is_to_install_it(monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda _name: None)
    done = CliRunner().invoke(app, ["run", "lr-robustness", "--executor", "ray"])
    assert done.exit_code == 3
    assert "pip install 'hyperparameter-robustness[ray]'" in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ["--address", "auto"],
        ["--gpus-per-cohort", "0.5"],
        ["--cpus-per-cohort", "1", "--executor", "local"],
        ["--executor", "slurm"],
        ["--executor", "ray", "--gpus-per-cohort", "1.5"],
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(options, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["run", "lr-robustness", *options]).exit_code == 2
    assert not any(tmp_path.iterdir())
