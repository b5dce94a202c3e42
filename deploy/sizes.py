"""`make sizes`: install each service alone, by the steps of its image, and measure what it weighs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Service:
    lock: str
    own: tuple[str, ...]
    absent: tuple[str, ...]  # distributions that must not be there


SERVICES = {
    "api": Service(
        "services/api/requirements.lock", ("shared", "services/api"),
        ("paddlepaddle", "paddleocr", "onnxruntime", "openvino", "opencv-python-headless", "numpy"),
    ),
    "fees": Service(
        "services/fees/requirements.lock", ("shared", "services/fees"),
        ("paddlepaddle", "paddleocr", "onnxruntime", "openvino", "opencv-python-headless", "numpy"),
    ),
    "redaction-worker": Service(
        "services/redaction-worker/requirements.lock",
        ("deploy/stubs/opencv-contrib-python", "shared", "services/redaction-worker"),
        ("paddlepaddle", "sqlalchemy", "asyncpg", "fastapi", "openvino-telemetry", "opencv-python"),
    ),
}  # fmt: skip


def install(service: Service, venv: Path) -> None:
    """The steps of the service's Dockerfile, with this machine's index. CalledProcessError when one fails."""
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pip = [str(venv / "bin/python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    pinned = ["install", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", service.lock]
    subprocess.run([*pip, *pinned], cwd=ROOT, check=True)
    wheels = venv / "wheels"
    build = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps", "--no-build-isolation", "-w", str(wheels)]
    subprocess.run([*build, *(f"./{path}" for path in service.own)], cwd=ROOT, check=True)
    subprocess.run([*pip, "install", "--no-deps", *map(str, sorted(wheels.glob("*.whl")))], check=True)
    needed = "\nsetuptools==" in (ROOT / service.lock).read_text()
    subprocess.run([*pip, "uninstall", "--yes", "pip", *([] if needed else ["setuptools"])], check=True)


def distributions(venv: Path) -> dict[str, str]:
    """{normalised name: version} of what is installed."""
    script = "import importlib.metadata as m; [print(d.name, d.version) for d in m.distributions()]"
    listing = subprocess.run([str(venv / "bin/python"), "-c", script], check=True, capture_output=True, text=True)
    pairs = (line.split() for line in listing.stdout.splitlines())
    return {name.lower().replace("_", "-"): version for name, version in pairs}


def megabytes(folder: Path) -> float:
    """Bytes of the files themselves (compiled .pyc included), in 10^6; symbolic links count nothing."""
    files = (Path(base, name) for base, _, names in os.walk(folder) for name in names)
    return sum(file.lstat().st_size for file in files if not file.is_symlink()) / 1e6


def main() -> int:
    """Prints a Markdown table. Exit status 1 when a service carries what it must not."""
    print("| service | packages | environment MB | largest |\n|---|---:|---:|---|")
    surplus: list[str] = []
    for name, service in SERVICES.items():
        with tempfile.TemporaryDirectory(prefix="mangping-sizes-") as folder:
            venv = Path(folder) / "venv"
            install(service, venv)
            present = distributions(venv)
            surplus += [f"{name} carries {what}" for what in service.absent if what in present]
            packages = next((venv / "lib").glob("python*/site-packages"))
            weights = sorted(
                ((megabytes(child), child.name) for child in packages.iterdir() if child.is_dir()), reverse=True
            )
            largest = ", ".join(f"{title} {size:.0f}" for size, title in weights[:6])
            print(f"| {name} | {len(present)} | {megabytes(packages):.0f} | {largest} |", flush=True)
    for line in surplus:
        print(line, file=sys.stderr)
    return 1 if surplus else 0


if __name__ == "__main__":
    sys.exit(main())
