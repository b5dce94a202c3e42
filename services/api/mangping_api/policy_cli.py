"""`mangping-policy`: check packs, tell how every rule is kept, compare two versions, write the JSON Schema."""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mangping.policy import Broken, Pack, hints, load
from mangping.policy.cases import Case, parse
from mangping.policy.coverage import How, Kept, coverage
from mangping.policy.difference import difference
from mangping.policy.lines import read
from mangping.policy.parts import Act

from mangping_api.domain.packs import catalogue, shipped

# Before these acts the service evaluates the pack today; an act that is wired later is added here.
ASKED: frozenset[Act] = frozenset(
    {
        "submit",
        "resubmit",
        "forward",
        "review",
        "return",
        "receive",
        "accept",
        "print",
        "paper",
        "plan",
        "complain",
        "sanction",
    }
)
SHOWN = True  # the service shows the figures of a pack (fees, bans, offices, telephones) to people
HOW: dict[How, str] = {
    "enforced": "系统强制",
    "attested": "具名声明",
    "later": "后续环节",
    "outside": "系统之外",
    "missing": "缺失",
}


def check(files: Sequence[Path]) -> int:
    """File, line and key of each fault; 1 when any pack has one."""
    broken = 0
    for file in files:
        try:
            policy = load(file.read_text("utf-8"), str(file), catalogue())
        except Broken as faults:
            broken += 1
            print(*faults.faults, sep="\n")
        except (OSError, UnicodeDecodeError) as error:
            broken += 1
            print(f"{file}:1: （全文）：无法读取：{type(error).__name__}")
        else:
            print(*hints(policy), f"{file}: 合格（{policy.pack.title}，版本{policy.pack.version}）", sep="\n")
    return 1 if broken else 0


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a pack."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "mangping policy pack"}
    return {**Pack.model_json_schema(), **head}


def written_schema() -> str:
    return json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def kept(cases: Path) -> tuple[Kept, ...]:
    """Every rule of every shipped pack; `cases` holds a folder per programme and lies among the tests."""
    found: list[Kept] = []
    proven = proofs(cases.parent)
    for name, policy in shipped().items():
        folder = cases / name.rpartition("-")[0]
        found += coverage(policy, _cases(folder), ASKED, shown=SHOWN, proven=proven)
    return tuple(found)


def proofs(tests: Path) -> dict[str, str]:
    """{rule: "file::test"} of every test that is marked `@pytest.mark.proves("KP-48", …)`, the first of each rule."""
    found: dict[str, str] = {}
    for file in sorted(tests.rglob("test_*.py")):
        text = file.read_text("utf-8")
        for node in ast.walk(ast.parse(text)) if ".proves(" in text else ():
            for mark in getattr(node, "decorator_list", ()):
                if isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("mark.proves"):
                    name = f"{file.relative_to(tests).as_posix()}::{getattr(node, 'name', '')}"
                    found |= {
                        str(ast.literal_eval(rule)): name
                        for rule in mark.args
                        if str(ast.literal_eval(rule)) not in found
                    }
    return found


def _cases(folder: Path) -> dict[str, tuple[Case, ...]]:
    files = (file for file in sorted(folder.glob("*.yaml")) if file.name != "base.yaml")
    return {f"{folder.name}/{file.stem}": parse(file.read_text("utf-8"), file.name) for file in files}


def rules(cases: Path) -> int:
    every = kept(cases)
    print(*every, sep="\n")
    counts = Counter(one.how for one in every)
    print(f"共{len(every)}条：" + "，".join(f"{HOW[how]}{counts[how]}" for how in HOW))
    return 1 if counts["missing"] else 0


def compare(old: Path, new: Path) -> int:
    values = [read(file.read_text("utf-8"), str(file)) for file in (old, new)]
    faults = [fault for value in values for fault in value.faults]
    lines = difference(values[0].value, values[1].value)
    print(*(faults or lines or ("两个版本内容相同",)), sep="\n")
    return 1 if faults else 0


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="mangping-policy", description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("check", help="faults with file, line and key").add_argument("files", nargs="+", type=Path)
    told = acts.add_parser("rules", help="how each rule of the notices is kept")
    told.add_argument("--cases", type=Path, default=Path("tests/policy"))
    acts.add_parser("schema", help="write the JSON Schema to a file").add_argument("file", type=Path)
    two = acts.add_parser("diff", help="what changed, in Chinese")
    two.add_argument("old", type=Path)
    two.add_argument("new", type=Path)
    asked = parser.parse_args(given)
    if asked.act == "check":
        sys.exit(check(asked.files))
    if asked.act == "rules":
        sys.exit(rules(asked.cases))
    if asked.act == "diff":
        sys.exit(compare(asked.old, asked.new))
    asked.file.write_text(written_schema(), "utf-8")


if __name__ == "__main__":
    main()
