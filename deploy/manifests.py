"""Checks of what cannot be run without a container engine: schemas, and the promises made about every container."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate  # type: ignore[import-untyped]
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[1]
KUBERNETES = "1.34"
# What may be set in the redaction worker's environment; a database or an issuer is not among it.
WORKER_MAY_KNOW = {"VALKEY_URL", "OBJECT_STORE_URL", "VAULT_KEYS"}
# The front doors; nothing else publishes a port.
PUBLISHED = {"api", "fees"}

Manifest = dict[str, Any]


def problems(root: Path = ROOT) -> list[str]:
    """Every problem of docker-compose.yml, deploy/kubernetes/*.yaml and deploy/images/*.Dockerfile, one line each."""
    found = list(compose_problems(yaml.safe_load((root / "docker-compose.yml").read_text())))
    for file in sorted((root / "deploy/kubernetes").glob("*.yaml")):
        for manifest in yaml.safe_load_all(file.read_text()):
            found += [f"{file.name}: {line}" for line in kubernetes_problems(manifest)]
    for file in sorted((root / "deploy/images").glob("*.Dockerfile")):
        found += [f"{file.name}: {line}" for line in image_problems(file.read_text())]
    return found


def compose_problems(manifest: Manifest) -> Iterator[str]:
    """Against the schema of the Compose Specification, then our own promises for each service."""
    checker = jsonschema.Draft7Validator(get_builtin_schema("vendor.compose-spec"))
    for error in checker.iter_errors(manifest):
        yield f"docker-compose.yml: {'/'.join(map(str, error.path))}: {error.message}"
    for name, service in manifest.get("services", {}).items():
        for promise, kept in _compose_promises(name, service):
            if not kept:
                yield f"docker-compose.yml: {name}: {promise}"
    worker = manifest.get("services", {}).get("redaction-worker", {})
    networks = manifest.get("networks", {})
    if set(worker.get("environment", {})) - WORKER_MAY_KNOW:
        yield "docker-compose.yml: redaction-worker: knows more than the queue, the store and the vault's keys"
    if not all((networks.get(name) or {}).get("internal") for name in worker.get("networks", ["default"])):
        yield "docker-compose.yml: redaction-worker: stands on a network that leads outside"


def _compose_promises(name: str, service: Manifest) -> list[tuple[str, bool]]:
    limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
    return [
        ("root file system is writable", service.get("read_only") is True),
        ("keeps capabilities", service.get("cap_drop") == ["ALL"]),
        ("may gain privileges", "no-new-privileges:true" in service.get("security_opt", [])),
        ("runs as root", _is_unprivileged(str(service.get("user", "0")).split(":")[0])),
        ("has no limit of cpu, memory and processes", {"cpus", "memory", "pids"} <= set(limits)),
        ("image has no fixed version", _is_versioned(str(service.get("image", "")))),
        ("is privileged", not service.get("privileged") and not service.get("devices")),
        ("publishes a port", name in PUBLISHED or not service.get("ports")),
    ]


def kubernetes_problems(manifest: Manifest) -> Iterator[str]:
    """Against the strict Kubernetes schema of that kind, then our own promises for each pod."""
    label = f"{manifest.get('kind')}/{manifest.get('metadata', {}).get('name')}"
    try:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
    except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
        yield f"{label}: {error}"
        return
    pod = manifest.get("spec", {}).get("template", {}).get("spec")
    if pod is None:
        return
    for promise, kept in _pod_promises(pod):
        if not kept:
            yield f"{label}: {promise}"


def _pod_promises(pod: Manifest) -> Iterator[tuple[str, bool]]:
    context = pod.get("securityContext", {})
    yield "may run as root", context.get("runAsNonRoot") is True and _is_unprivileged(str(context.get("runAsUser", 0)))
    yield "has no seccomp profile", context.get("seccompProfile", {}).get("type") == "RuntimeDefault"
    yield "holds a token of the cluster", pod.get("automountServiceAccountToken") is False
    for container in pod["containers"]:
        own, resources = container.get("securityContext", {}), container.get("resources", {})
        yield "root file system is writable", own.get("readOnlyRootFilesystem") is True
        yield "may gain privileges", own.get("allowPrivilegeEscalation") is False
        yield "keeps capabilities", own.get("capabilities", {}).get("drop") == ["ALL"]
        yield "has no limits", {"cpu", "memory"} <= set(resources.get("limits", {}))
        yield "image has no fixed version", _is_versioned(container["image"])


def image_problems(text: str) -> Iterator[str]:
    """A Dockerfile: pinned bases, hash-checked wheels only, two stages, an unprivileged numeric user."""
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip() and line[0] != "#"]
    words = [line.split() for line in lines]
    bases = [line for line in words if line[0] == "FROM"]
    last = max(index for index, line in enumerate(words) if line[0] == "FROM")
    users = [line[1].split(":")[0] for line in words[last:] if line[0] == "USER"]
    if not all(_is_versioned(line[1]) for line in bases):
        yield "a base image has no fixed version"
    if len(bases) < 2:
        yield "builds in the image that is shipped"
    if not users or not users[-1].isdecimal() or not _is_unprivileged(users[-1]):
        yield "runs as root"
    installs = [part for line in lines for part in line.split("&&") if "pip install" in part and "-r " in part]
    if not installs or not all("--require-hashes" in part and "--only-binary :all:" in part for part in installs):
        yield "installs without hashes"


def _is_unprivileged(user: str) -> bool:
    return user.isdecimal() and int(user) > 0


def _is_versioned(image: str) -> bool:
    """`name:tag` or `name@sha256:...`, and the tag is not `latest`."""
    last = image.rsplit("/", 1)[-1]
    return "@sha256:" in last or (":" in last and not last.endswith(":latest"))
