"""`mangping-redact` as a person types it: exit status, outputs, and what is left after it is killed."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from mangping_redaction import arguments, cli, report
from mangping_redaction.batch import findings as ledger
from mangping_redaction.batch.identities import BadIdentities
from mangping_redaction.batch.sources import Unusable
from mangping_redaction.page import Ask
from mangping_redaction.refusals import REFUSALS, refused
from PIL import Image

HERE = Path(__file__).parent
DRIVER = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
from trivial_recipe import recipe
from mangping_redaction.cli import main
if __name__ == "__main__":
    sys.exit(main(recipe=recipe))
"""


@pytest.fixture
def src(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    return tmp_path / "src"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def put(folder: Path, name: str, **told: Any) -> None:
    (folder / name).write_text(json.dumps(told | {"name": name}))


def start(tmp_path: Path, *arguments: object) -> subprocess.Popen[str]:
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    command = [sys.executable, str(driver), *map(str, arguments)]
    environment = os.environ | {"WORK_LOG": str(tmp_path / "log"), "GATE": str(tmp_path / "gate")}
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)  # a test run in the background inherits a deaf Ctrl-C
    try:
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
        )
    finally:
        signal.signal(signal.SIGINT, before)


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def answers(out: Path) -> list[tuple[str, str]]:
    return sorted(
        (line["source"], line["refused"]["code"] if "refused" in line else line["rendition"])
        for line in ledger.read(out)
    )


def test_status_0_when_every_page_was_handled(tmp_path: Path, src: Path, out: Path) -> None:
    put(src, "a.jpg")
    put(src, "b.pdf", pages=2)
    status, output, _ = finish(start(tmp_path, src, "--out", out, "--workers", 1, "--format", "png"))
    assert (status, answers(out)) == (0, [("a.jpg", "a.png"), ("b.pdf", "b-p001.png"), ("b.pdf", "b-p002.png")])
    assert "3 页完成" in output
    assert sorted(path.name for path in out.iterdir()) == [
        ".mangping-redact.json",
        "a.png",
        "b-p001.png",
        "b-p002.png",
        "findings.jsonl",
    ]


def test_status_3_when_some_inputs_were_refused_and_again_after_resume(tmp_path: Path, src: Path, out: Path) -> None:
    put(src, "a.jpg")
    put(src, "b.jpg", refuse="SCAN_TRUNCATED")
    assert finish(start(tmp_path, src, "--out", out, "--workers", 1))[0] == 3
    assert finish(start(tmp_path, src, "--out", out, "--workers", 1, "--resume"))[0] == 3
    assert answers(out) == [("a.jpg", "a.jpg"), ("b.jpg", "SCAN_TRUNCATED")]


def test_a_single_file_is_a_batch_of_one(tmp_path: Path, src: Path, out: Path) -> None:
    put(src, "a.jpg")
    assert finish(start(tmp_path, src / "a.jpg", "--out", out, "--workers", 1))[0] == 0
    assert answers(out) == [("a.jpg", "a.jpg")]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["src"],
        ["", "--out", "out"],
        ["src", "--out", ""],
        ["src", "--out"],
        ["src", "--out", "out", "--bogus"],
        ["src", "--out", "out", "--report=yes"],
        ["src/" + "a" * 300, "--out", "out"],
        ["src", "--out", "out", "--workers", "0"],
        ["src", "--out", "out", "--classes", "names"],
        ["src", "--out", "out", "--classes", ","],
        ["src", "--out", "out", "--format", "gif"],
        ["missing", "--out", "out"],
        ["src", "--out", "src"],
        ["src", "--out", "."],
        ["src/a.jpg", "--out", "src"],
        ["src", "--out", "src/a.jpg"],
        ["src", "--out", "out", "--identities", "missing.json"],
        ["src", "--out", "out", "--identities", "src/a.jpg"],
        ["nosuch://bucket/x", "--out", "out"],
    ],
)
def test_status_2_for_unusable_arguments(
    arguments: list[str], src: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    put(src, "a.jpg")
    before = (src / "a.jpg").read_bytes()
    try:
        status: object = cli.main(arguments)
    except SystemExit as leaving:
        status = leaving.code
    assert status == 2
    said = capsys.readouterr().err.splitlines()[0]
    assert re.findall("[a-z]+ [a-z]+", said) == []  # argparse speaks Chinese too
    assert said.endswith("。")
    assert not (tmp_path / "out").exists()
    assert ((src / "a.jpg").read_bytes(), list(src.iterdir())) == (before, [src / "a.jpg"])


def test_help_is_chinese() -> None:
    words = re.findall(r"(?m)^(\S+):$|^ +(-h.*)", arguments.parser().format_help())
    assert words == [("参数", ""), ("", "-h, --help            显示这些说明")]
    assert arguments.parser().format_usage().startswith("用法：mangping-redact ")


def test_an_original_below_the_output_folder_is_never_overwritten(tmp_path: Path, src: Path) -> None:
    put(src, "1.jpg")
    (src / "done").mkdir()
    put(src / "done", "1.jpg")
    before = (src / "done" / "1.jpg").read_bytes()
    status, _, errors = finish(start(tmp_path, src, "--out", src / "done", "--workers", 1))
    assert (status, sorted(path.name for path in (src / "done").iterdir())) == (2, ["1.jpg"])
    assert "--out 在来源里面" in errors
    assert (src / "done" / "1.jpg").read_bytes() == before


def test_what_lay_in_the_output_folder_before_stays(tmp_path: Path, src: Path, out: Path) -> None:
    put(src, "a.jpg")
    put(src, "b.jpg")
    (out / "deep").mkdir(parents=True)
    (out / "a.jpg").write_bytes(b"somebody's own")
    arguments = (src, "--out", out, "--workers", 1)
    assert finish(start(tmp_path, *arguments))[0] == 3
    assert (out / "a.jpg").read_bytes() == b"somebody's own"
    assert answers(out) == [("a.jpg", "SOURCE_NAME_CLASH"), ("b.jpg", "b.jpg")]
    (out / "b.jpg").write_bytes(b"ours, half way")  # as a killed run leaves it: no line says that it is done
    lines = (out / "findings.jsonl").read_text().splitlines(keepends=True)
    (out / "findings.jsonl").write_text("".join(line for line in lines if "b.jpg" not in line))
    assert finish(start(tmp_path, *arguments, "--resume"))[0] == 3
    assert (out / "b.jpg").read_bytes() == b"rendition"


def test_a_disk_that_fills_up_is_said_so_and_gone_on_from(tmp_path: Path, src: Path, out: Path) -> None:
    for number in range(40):
        put(src, f"{number:02d}.jpg")
    arguments = (src, "--out", out, "--workers", 1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))  # no file of the run may grow longer, as on a full disk
    try:
        status, output, errors = finish(start(tmp_path, *arguments))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (status, output) == (1, "")
    assert errors.splitlines() == [
        "已停止：文件读写出错（文件太大）。 已完成的页不受影响，排除原因后加 --resume 继续。"
    ]
    assert finish(start(tmp_path, *arguments, "--resume"))[0] == 0
    assert answers(out) == [(f"{number:02d}.jpg", f"{number:02d}.jpg") for number in range(40)]


def test_globs_that_miss_are_told_before_the_work(tmp_path: Path, src: Path, out: Path) -> None:
    for name in ("wang.jpg", "li.jpg", "zhao.jpg"):
        put(src, name)
    known = tmp_path / "who.json"
    known.write_text('{"wang.*": {"names": ["王芳"]}, "wamg.jpg": {"names": ["王芳"]}, "2024/*": {}}')
    errors = finish(start(tmp_path, src, "--out", out, "--workers", 1, "--identities", known))[2]
    assert errors.startswith(
        "注意：2 个来源没有对上身份文件的任何一条，只按栏目标签遮盖；身份文件有 2 条没有对上任何来源"
    )
    known.write_text('{"*": {}, "wang.jpg": {"names": ["王芳"]}}')
    assert finish(start(tmp_path, src, "--out", out.with_name("all"), "--workers", 1, "--identities", known))[2] == ""


def test_an_empty_folder_is_told(tmp_path: Path, src: Path, out: Path) -> None:
    status, output, errors = finish(start(tmp_path, src, "--out", out, "--workers", 1))
    assert (status, errors) == (0, "来源里没有任何文件：请检查 SRC 的路径。\n")
    assert output.startswith("0 页完成")


def test_an_old_terminal_gets_its_summary_too(tmp_path: Path, src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(src, "a.jpg")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    status, output, _ = finish(start(tmp_path, src, "--out", tmp_path / "遮盖件", "--workers", 1))
    assert (status, output.startswith("1 \\u9875")) == (0, True)


def test_one_folder_holds_one_kind_of_renditions(tmp_path: Path, src: Path, out: Path) -> None:
    put(src, "a.jpg")
    known = tmp_path / "who.json"
    known.write_text('{"*": {"names": ["王芳"]}}')
    base = (src, "--out", out, "--workers", 1, "--identities", known)
    assert finish(start(tmp_path, *base))[0] == 0
    assert finish(start(tmp_path, *base))[0] == 2  # not without --resume
    assert finish(start(tmp_path, *base, "--resume", "--third-parties"))[0] == 2
    assert finish(start(tmp_path, *base, "--resume"))[0] == 0
    known.write_text('{"*": {"names": ["李强"]}}')
    assert finish(start(tmp_path, *base, "--resume"))[0] == 2
    kept = (out / ".mangping-redact.json").read_text() + (out / "findings.jsonl").read_text()
    assert "王芳" not in kept
    assert answers(out) == [("a.jpg", "a.jpg")]


def test_arguments_become_the_order(src: Path, out: Path) -> None:
    made = cli.command([str(src), "--out", str(out), "--classes", "name, seal", "--third-parties", "--workers", "3"])
    assert (made.order.ask, made.order.workers, made.order.image_format) == (
        Ask(classes=frozenset({"name", "seal"}), third_parties=True),
        3,
        "jpg",
    )
    assert cli.command([str(src), "--out", str(out)]).order.ask == Ask()


def test_refusals_of_arguments_name_no_identity(src: Path, out: Path, tmp_path: Path) -> None:
    (tmp_path / "who.json").write_text('{"*": {"names": ["王芳", 7]}}')
    with pytest.raises(BadIdentities) as bad:
        cli.command([str(src), "--out", str(out), "--identities", str(tmp_path / "who.json")])
    with pytest.raises(Unusable):
        cli.command([str(src), "--out", str(src)])
    assert "王芳" not in str(bad.value)


def test_killed_in_the_middle_it_goes_on_where_it_was(tmp_path: Path, src: Path, out: Path) -> None:
    singles, pages = (
        [f"{number:02d}.jpg" for number in range(7)],
        [("50.pdf", f"50-p{n:03d}.jpg") for n in range(1, 10)],
    )
    for name in singles:
        put(src, name, gate=name == "06.jpg")  # one worker waits here
    put(src, "50.pdf", pages=9, gate=True, at=5)  # and the other here
    put(src, "60.jpg", refuse="SCAN_BROKEN")
    arguments = (src, "--out", out, "--workers", 2)
    process = start(tmp_path, *arguments)
    _until(lambda: (out / "findings.jsonl").exists() and len(list(ledger.read(out))) == 10)
    workers = _children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    _until(lambda: not _living(workers))  # they go with the command
    assert answers(out) == [(name, name) for name in singles[:6]] + pages[:4]
    (out / ".part-1-2").write_bytes(b"half a rendition")
    with open(out / "findings.jsonl", "ab") as file:
        file.write(b'{"source": "06.jpg", "pa')  # torn in the middle of a write
    (tmp_path / "log").unlink()
    (tmp_path / "gate").touch()
    assert finish(start(tmp_path, *arguments, "--resume"))[0] == 3
    assert answers(out) == [(name, name) for name in singles] + pages + [("60.jpg", "SCAN_BROKEN")]
    assert sorted((tmp_path / "log").read_text().splitlines()) == ["06.jpg 1", *(f"50.pdf {n}" for n in range(5, 10))]
    assert list(out.rglob(".part-*")) == []


def _until(holds: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def _children(pid: int) -> list[int]:
    return [
        int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _stat(entry)[1] == str(pid)
    ]


def _living(pids: list[int]) -> list[int]:
    return [pid for pid in pids if _stat(Path("/proc") / str(pid))[0] not in ("", "Z")]


def _stat(entry: Path) -> list[str]:
    """State and parent of a process; empty strings when it is gone."""
    try:
        return (entry / "stat").read_text().rsplit(")", 1)[1].split()[:2]
    except OSError:
        return ["", ""]


def test_ctrl_c_leaves_whole_lines_and_no_process(tmp_path: Path, src: Path, out: Path) -> None:
    for number in range(20):
        put(src, f"{number:02d}.jpg", sleep=0.2)
    process = start(tmp_path, src, "--out", out, "--workers", 2)
    _until(lambda: (out / "findings.jsonl").exists() and len(list(ledger.read(out))) >= 2)
    workers = _children(process.pid)
    process.send_signal(signal.SIGINT)
    status, _, errors = finish(process)
    assert (status, len(workers) >= 2) == (130, True)
    _until(lambda: not _living(workers))
    assert "--resume" in errors
    assert "Traceback" not in errors
    assert (out / "findings.jsonl").read_bytes().endswith(b"\n")


def test_every_worker_leaves_ctrl_c_to_the_command_from_its_start_on(tmp_path: Path, src: Path, out: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        put(src, name, gate=True)
    process = start(tmp_path, src, "--out", out, "--workers", 2)
    _until(lambda: len(_workers(process.pid)) == 2)
    held = [bool(_blocked(pid) >> (signal.SIGINT - 1) & 1) for pid in _workers(process.pid)]
    (tmp_path / "gate").touch()
    assert (held, finish(process)[0]) == ([True, True], 0)


def _workers(pid: int) -> list[int]:
    return [one for one in _children(pid) if b"spawn_main" in (Path("/proc") / str(one) / "cmdline").read_bytes()]


def _blocked(pid: int) -> int:
    """The signals that a process holds back, one bit each."""
    (mask,) = re.findall(r"SigBlk:\s*(\w+)", (Path("/proc") / str(pid) / "status").read_text())
    return int(mask, 16)


def test_ctrl_c_at_a_terminal_reaches_workers_that_just_start_and_says_one_thing(
    tmp_path: Path, src: Path, out: Path
) -> None:
    put(src, "a.jpg", sleep=60)
    put(src, "b.jpg", sleep=60)
    process = start(tmp_path, src, "--out", out, "--workers", 2)
    _until(lambda: len(_children(process.pid)) >= 3)  # two workers beside the tracker of resources: they still import
    workers = _children(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    status, _, errors = finish(process)
    _until(lambda: not _living(workers))
    assert (status, "--resume" in errors, "Traceback" in errors) == (130, True, False)


def test_the_report_shows_each_page_before_and_after_and_warns(src: Path, out: Path) -> None:
    out.mkdir()
    Image.new("RGB", (300, 200), "red").save(src / "a<b>.jpg")
    Image.new("RGB", (300, 200), "black").save(out / "a<b>.jpg")
    file = ledger.Findings(out)
    finding = {
        "class": "seal",
        "polygon": [[0, 0], [50, 0], [50, 50]],
        "confidence": 1.0,
        "finder": "seal",
        "why": "red ring",
        "covered": True,
    }
    clarity = {"clear": False, "reasons": ["blurred"], "text_height_px": 12.5}
    for page in (1, 2):
        record = {
            "width": 300,
            "height": 200,
            "orientation_degrees": 0,
            "skew_degrees": 0.4,
            "clarity": clarity,
            "verified": False,
            "needs_human": ["not_clear"],
            "findings": [finding],
            "ms": {"read": 812.0},
            "models": {},
        }
        file.page("a<b>.jpg", page, "a<b>.jpg", record)
    file.refused("x.gif", refused("SCAN_TYPE_UNSUPPORTED"))
    file.refused(os.fsdecode("证书.jpg".encode("gbk")), refused("SOURCE_NAME_UNSAFE"))  # as an old Windows writes it
    file.close()
    html = report.write_report(str(src), out).read_text()
    assert (
        html.count("data:image/jpeg"),
        html.count("<polygon"),
        html.count("印章 1"),
        html.count("原件已读不出来"),
    ) == (3, 1, 2, 1)
    assert (html.count("<dd>不清晰"), html.count(">模糊</span>"), html.count(">页面不清晰</span>")) == (2, 2, 2)
    assert "a&lt;b&gt;.jpg" in html
    assert "a<b>" not in html
    assert html.index("不得转给评委") < html.index("data:image/jpeg")
    assert "SCAN_TYPE_UNSUPPORTED" in html
    assert html.count("<td>证书.jpg<td>") == 1
    assert "http://" not in html
    assert "https://" not in html


def test_a_long_report_is_split_into_sheets(src: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "SHEET_PAGES", 2)
    out.mkdir()
    Image.new("RGB", (60, 60), "black").save(out / "a.jpg")
    file = ledger.Findings(out)
    for page in range(1, 6):
        file.page(
            "gone.jpg",
            page,
            "a.jpg",
            {
                "width": 60,
                "height": 60,
                "orientation_degrees": 0,
                "skew_degrees": 0,
                "verified": True,
                "clarity": {"clear": True, "reasons": []},
                "needs_human": [],
                "findings": [],
                "ms": {},
            },
        )
    file.close()
    report.write_report(str(src), out)
    sheets = ["report.html", "report-2.html", "report-3.html"]
    assert [(out / name).read_text().count("<article") for name in sheets] == [2, 2, 1]
    assert all((out / "report.html").read_text().count(name) == 1 for name in sheets[1:])


def test_every_code_is_documented_as_it_is_raised() -> None:
    page = (HERE.parents[1] / "docs" / "error-codes.md").read_text()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith(("| `SCAN_", "| `SOURCE_", "| `WORKER_"))
    ]
    assert {code.strip("`"): (message, remedy) for code, message, remedy in rows} == REFUSALS
