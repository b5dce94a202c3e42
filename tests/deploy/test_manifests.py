"""The containers keep their promises, and a manifest that breaks one is told so."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.manifests import compose_problems, image_problems, kubernetes_problems, problems

ROOT = Path(__file__).resolve().parents[2]
Change = Callable[[dict[str, Any]], Any]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
POD = list(yaml.safe_load_all((ROOT / "deploy/kubernetes/redaction-worker.yaml").read_text()))[1]


def test_ours_have_no_problem() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda s: s["api"].pop("read_only"), "api: root file system is writable"),
        (lambda s: s["api"].update(user="0:0"), "api: runs as root"),
        (lambda s: s["api"].pop("cap_drop"), "api: keeps capabilities"),
        (lambda s: s["valkey"].update(image="valkey/valkey"), "valkey: image has no fixed version"),
        (lambda s: s["valkey"].update(ports=["6379:6379"]), "valkey: publishes a port"),
        (
            lambda s: s["redaction-worker"]["environment"].update(DATABASE_URL="x"),
            "redaction-worker: knows more than the queue, the store and the vault's keys",
        ),
        (
            lambda s: s["redaction-worker"].update(networks=["edge"]),
            "redaction-worker: stands on a network that leads outside",
        ),
    ],
)
def test_a_broken_compose_file_is_told(change: Change, problem: str) -> None:
    broken = copy.deepcopy(COMPOSE)
    change(broken["services"])
    assert list(compose_problems(broken)) == [f"docker-compose.yml: {problem}"]


def test_no_service_works_before_the_roles_are_cut_down_to_size() -> None:
    services, done = COMPOSE["services"], {"condition": "service_completed_successfully"}
    assert services["roles"]["depends_on"] == {"migrate": done, "fees-migrate": done}
    doors = ("api", "api-worker", "fees", "fees-worker")
    assert {name: services[name]["depends_on"]["roles"] for name in doors} == dict.fromkeys(doors, done)


@pytest.mark.parametrize("image", ["api", "fees", "redaction-worker"])
def test_an_image_copies_what_is_there_and_is_not_kept_from_it(image: str) -> None:
    lines = (ROOT / f"deploy/images/{image}.Dockerfile").read_text().splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = [line.removeprefix("!") for line in ignored if line.startswith("!")]
    assert ignored[1] == "*"
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert [path for path in copied if not any(path == open or path.startswith(f"{open}/") for open in let_in)] == []


def test_the_compose_schema_is_the_real_one() -> None:
    broken = {**COMPOSE, "network": {}}
    said = [line.split(" do")[0] for line in compose_problems(broken)]
    assert said == ["docker-compose.yml: : 'network'"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda s: s.update(automountServiceAccountToken=True), "holds a token of the cluster"),
        (lambda s: s["securityContext"].pop("runAsNonRoot"), "may run as root"),
        (lambda s: s["containers"][0]["resources"].pop("limits"), "has no limits"),
        (
            lambda s: s["containers"][0]["securityContext"].update(readOnlyRootFilesystem=False),
            "root file system is writable",
        ),
    ],
)
def test_a_broken_pod_is_told(change: Change, problem: str) -> None:
    broken = copy.deepcopy(POD)
    change(broken["spec"]["template"]["spec"])
    assert list(kubernetes_problems(broken)) == [f"Deployment/redaction-worker: {problem}"]


def test_a_field_that_kubernetes_does_not_know_is_told() -> None:
    broken = copy.deepcopy(POD)
    broken["spec"]["replica"] = 2
    assert len(list(kubernetes_problems(broken))) == 1


def test_an_image_that_builds_where_it_runs_as_root_is_told() -> None:
    naive = "FROM python\nRUN pip install -r requirements.txt\nCMD python\n"
    assert list(image_problems(naive)) == [
        "a base image has no fixed version", "builds in the image that is shipped", "runs as root",
        "installs without hashes",
    ]  # fmt: skip
