"""The drawings of the workflow tables are kept, and are of the present tables."""

from __future__ import annotations

from pathlib import Path

from mangping import machine

from tests.conftest import ROOT


def test_the_kept_drawings_are_the_present_ones(tmp_path: Path) -> None:
    machine.main([str(tmp_path / "drawn")])
    drawn, kept = (
        {file.name: file.read_text("utf-8") for file in folder.glob("*.mmd")}
        for folder in (tmp_path / "drawn", ROOT / "docs/diagrams")
    )
    assert sorted(drawn) == ["application.mmd", "charge.mmd", "notice.mmd", "refund.mmd"]
    assert kept == drawn, "run: make diagrams"
