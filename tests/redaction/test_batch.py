"""A folder through worker processes: every input answered once, whatever dies, and nothing done twice."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mangping.errors import Refused
from mangping.identity import Identity
from mangping_redaction.batch import findings as ledger
from mangping_redaction.batch.findings import Findings, write_safely
from mangping_redaction.batch.identities import BadIdentities, Identities, Reach, parse, specificity
from mangping_redaction.batch.names import Names
from mangping_redaction.batch.run import Order, run
from mangping_redaction.batch.sources import Source, Unusable, _in_bucket, bucket_source, name_code, sources
from mangping_redaction.page import Ask
from mangping_redaction.refusals import refused

sys.path.insert(0, str(Path(__file__).parent))
from trivial_recipe import recipe  # type: ignore[import-not-found]


@dataclass
class Counts:
    pages: int = 0
    refused: int = 0
    done: int = 0
    kept_: int = 0

    def page(self, *, needs_human: bool) -> None:
        self.pages += 1

    def source(self, *, refused: bool) -> None:
        self.refused += refused
        self.done += not refused

    def kept(self) -> None:
        self.kept_ += 1


def put(folder: Path, name: str, **told: Any) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told | {"name": name}))


def batch(
    src: Path,
    out: Path,
    *,
    workers: int = 2,
    identities: Identities | None = None,
    listing: Iterator[Source] | None = None,
) -> Counts:
    out.mkdir(exist_ok=True)
    counts, file = Counts(), Findings(out)
    try:
        run(
            Order(out, Ask(), identities, "jpg", workers, recipe),
            listing or sources(str(src)),
            file,
            file.recover(),
            counts,
        )
    finally:
        file.close()
    return counts


def handled(out: Path) -> dict[str, list[Any]]:
    """{source: its renditions and refusal codes, sorted}."""
    found: dict[str, list[Any]] = {}
    for line in ledger.read(out):
        found.setdefault(line["source"], []).append(line["refused"]["code"] if "refused" in line else line["rendition"])
    return {source: sorted(answers) for source, answers in sorted(found.items())}


@pytest.fixture
def src(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    return tmp_path / "src"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_every_input_has_its_answer_and_every_line_its_rendition(
    src: Path, out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "markers").mkdir()
    monkeypatch.setenv("MARKERS", str(tmp_path / "markers"))
    put(src, "a.jpg")
    put(src, "a.png")
    put(src, "sub/deed.pdf", pages=3)
    put(src, "sub/deep/x.tif", pages=2, die="once", at=2)
    put(src, "killer.jpg", die="always")
    put(src, "empty.jpg", refuse="SCAN_EMPTY")
    put(src, "bug.jpg", fault=True)
    put(src, "line\nbreak.jpg")
    (src / "Thumbs.db").write_text("litter")
    counts = batch(src, out)
    assert handled(out) == {
        "a.jpg": ["a.jpg"],
        "a.png": ["a.png.jpg"],
        "bug.jpg": ["WORKER_FAULT"],
        "empty.jpg": ["SCAN_EMPTY"],
        "killer.jpg": ["SCAN_KILLED_WORKER"],
        "line\nbreak.jpg": ["SOURCE_NAME_UNSAFE"],
        "sub/deed.pdf": ["sub/deed-p001.jpg", "sub/deed-p002.jpg", "sub/deed-p003.jpg"],
        "sub/deep/x.tif": ["sub/deep/x-p001.jpg", "sub/deep/x-p002.jpg"],
    }
    assert (counts.pages, counts.refused, counts.done) == (7, 4, 4)
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.jpg"))
    assert written == sorted(name for answers in handled(out).values() for name in answers if name.endswith(".jpg"))
    assert "secret" not in capfd.readouterr().err


def test_keys_stand_in_the_promised_order(src: Path, out: Path) -> None:
    put(src, "a.jpg")
    put(src, "b.jpg", refuse="SCAN_BROKEN")
    batch(src, out, workers=1)
    first, second = ledger.read(out)
    assert list(first) == [
        "source",
        "page",
        "rendition",
        "width",
        "height",
        "orientation_degrees",
        "skew_degrees",
        "clarity",
        "verified",
        "needs_human",
        "ms",
        "models",
        "findings",
    ]
    assert second == {
        "source": "b.jpg",
        "refused": {
            "code": "SCAN_BROKEN",
            "message": refused("SCAN_BROKEN").message,
            "remedy": refused("SCAN_BROKEN").remedy,
        },
    }


def test_a_second_run_does_nothing_again(src: Path, out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORK_LOG", str(tmp_path / "log"))
    put(src, "a.jpg")
    put(src, "b.pdf", pages=2)
    put(src, "c.jpg", refuse="SCAN_BROKEN")
    batch(src, out)
    before = (out / ledger.FILE).read_bytes()
    counts = batch(src, out)
    assert (out / ledger.FILE).read_bytes() == before
    assert (counts.pages, counts.kept_) == (0, 2)
    assert sorted((tmp_path / "log").read_text().split("\n")[:-1]) == ["a.jpg 1", "b.pdf 1", "b.pdf 2"]


def test_what_is_torn_or_gone_is_done_again(
    src: Path, out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORK_LOG", str(tmp_path / "log"))
    for name in ("a.jpg", "b.jpg", "c.pdf", "d.jpg"):
        put(src, name, pages=3 if name == "c.pdf" else 1)
    batch(src, out, workers=1)
    whole, answers = (out / ledger.FILE).read_bytes(), handled(out)
    (out / ledger.FILE).write_bytes(whole[:-25])  # d's line torn
    (out / "a.jpg").unlink()
    (out / "c-p002.jpg").unlink()
    (tmp_path / "log").unlink()
    batch(src, out, workers=1)
    assert handled(out) == answers
    assert (tmp_path / "log").read_text().split("\n")[:-1] == ["a.jpg 1", "c.pdf 2", "d.jpg 1"]
    assert len(list(ledger.read(out))) == 6


def test_two_runs_never_share_a_folder(out: Path) -> None:
    out.mkdir()
    first = Findings(out)
    with pytest.raises(ledger.InUse):
        Findings(out)
    first.close()
    Findings(out).close()


def test_each_source_is_asked_with_its_own_identity(src: Path, out: Path) -> None:
    put(src, "wang.jpg")
    put(src, "li.jpg")
    batch(src, out, identities=parse({"*": {}, "wang.*": {"names": ["王芳", "王小芳"]}}), workers=1)
    assert {line["source"]: line["findings"][0]["why"] for line in ledger.read(out)} == {
        "li.jpg": "0 names, jpg",
        "wang.jpg": "2 names, jpg",
    }


def test_links_and_special_files(src: Path, out: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    put(tmp_path / "elsewhere", "secret.jpg")
    put(src, "real/a.jpg")
    (src / "alias.jpg").symlink_to(src / "real" / "a.jpg")
    (src / "out.jpg").symlink_to(tmp_path / "elsewhere" / "secret.jpg")
    (src / "outdir").symlink_to(tmp_path / "elsewhere")
    (src / "loop").symlink_to(src)
    (src / "dangling.jpg").symlink_to(src / "nothing.jpg")
    os.mkfifo(src / "pipe.jpg")
    batch(src, out, workers=1)
    assert handled(out) == {
        "alias.jpg": ["alias.jpg"],
        "dangling.jpg": ["SOURCE_UNREADABLE"],
        "out.jpg": ["SOURCE_OUTSIDE"],
        "outdir": ["SOURCE_OUTSIDE"],
        "pipe.jpg": ["SOURCE_NOT_A_FILE"],
        "real/a.jpg": ["real/a.jpg"],
    }


def test_the_output_folder_and_the_identities_file_are_no_inputs(src: Path) -> None:
    put(src, "a.jpg")
    put(src, "out/b.jpg")
    put(src, "who.json")
    assert [source.name for source in sources(str(src), without=(src / "out", src / "who.json"))] == ["a.jpg"]


def test_the_output_of_another_run_is_no_input(src: Path) -> None:
    put(src, "a.jpg")
    put(src, "blind/a.jpg")
    put(src, "blind/.mangping-redact.json")
    put(src, "b/c.jpg")
    assert [source.name for source in sources(str(src))] == ["a.jpg", "b/c.jpg"]


def test_a_link_in_the_output_folder_is_not_followed(out: Path, tmp_path: Path) -> None:
    out.mkdir()
    original = tmp_path / "original.jpg"
    original.write_bytes(b"original")
    (out / "a.jpg").symlink_to(original)
    (out / "sub").symlink_to(tmp_path)
    write_safely(out, "a.jpg", b"rendition")
    with pytest.raises(NotADirectoryError):
        write_safely(out, "sub/original.jpg", b"rendition")
    assert (original.read_bytes(), (out / "a.jpg").read_bytes()) == (b"original", b"rendition")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("王芳/证书 1.jpg", None),
        ("a..b.jpg", None),
        ("../a.jpg", "SOURCE_NAME_UNSAFE"),
        ("a/../../b", "SOURCE_NAME_UNSAFE"),
        ("/etc/a", "SOURCE_NAME_UNSAFE"),
        ("a//b", "SOURCE_NAME_UNSAFE"),
        ("a\\b.jpg", "SOURCE_NAME_UNSAFE"),
        ("a\tb", "SOURCE_NAME_UNSAFE"),
        ("gpj.\u202eexe", "SOURCE_NAME_UNSAFE"),
        ("\udcff.jpg", "SOURCE_NAME_UNSAFE"),
        ("长" * 81 + ".jpg", "SOURCE_NAME_TOO_LONG"),
        ("a" * 240 + ".jpg", None),
        ("d/" * 600 + "a.jpg", "SOURCE_NAME_TOO_LONG"),
    ],
)
def test_names_that_play_tricks(name: str, code: str | None) -> None:
    assert name_code(name) == code


def test_a_name_that_is_no_text_gets_its_line(src: Path, out: Path) -> None:
    (src / os.fsdecode(b"\xff\xfe.jpg")).write_text("{}")
    batch(src, out, workers=1)
    assert handled(out) == {"\udcff\udcfe.jpg": ["SOURCE_NAME_UNSAFE"]}
    assert batch(src, out, workers=1).kept_ == 1


def renditions(names: list[str], pages: dict[str, int]) -> dict[str, list[str]]:
    given_ = Names()
    targets = {name: given_.target(name) for name in names}
    return {
        name: [target.rendition(page, pages.get(name, 1), "jpg") for page in range(1, pages.get(name, 1) + 1)]
        for name, target in targets.items()
    }


def test_names_of_renditions() -> None:
    assert renditions(["a-p001.png", "a.jpg", "a.pdf", "b.PDF", "B.tif", "c"], {"a.pdf": 1, "b.PDF": 2}) == {
        "a-p001.png": ["a-p001.jpg"],
        "a.jpg": ["a.jpg"],
        "a.pdf": ["a.pdf.jpg"],
        "b.PDF": ["b-p001.jpg", "b-p002.jpg"],
        "B.tif": ["B.tif.jpg"],
        "c": ["c.jpg"],
    }


NAMES = st.lists(st.from_regex(r"[aA](-p00[12])?(\.(jpg|png|pdf)){0,2}(~2)?", fullmatch=True), unique=True, max_size=8)


@settings(max_examples=60, deadline=None)
@given(NAMES, st.dictionaries(st.integers(0, 7), st.sampled_from([1, 2])))
def test_no_two_renditions_have_one_name(names: list[str], lengths: dict[int, int]) -> None:
    pages = {name: lengths.get(index, 1) for index, name in enumerate(sorted(names))}
    every = [one.casefold() for some in renditions(sorted(names), pages).values() for one in some]
    assert len(every) == len(set(every))


@settings(max_examples=60, deadline=None)
@given(NAMES, st.integers(0, 255), st.integers(0, 255))
def test_names_stay_after_a_restart_even_in_a_changed_folder(names: list[str], written: int, removed: int) -> None:
    first = renditions(sorted(names), {})
    done = [name for index, name in enumerate(sorted(names)) if written >> index & 1]
    left = [name for index, name in enumerate(sorted(names)) if not removed >> index & 1]
    again = Names()
    for name in done:
        again.keep(name, first[name][0])
    second = {name: again.target(name).rendition(1, 1, "jpg") for name in left}
    if len(left) == len(names):
        assert second == {name: first[name][0] for name in left}
    taken = {first[name][0].casefold(): name for name in done}
    assert all(taken.get(rendition.casefold(), name) == name for name, rendition in second.items())


def test_the_most_specific_glob_wins() -> None:
    known = parse(
        {
            "*": {"names": ["甲"]},
            "*.jpg": {"names": ["乙"]},
            "2024/*": {"names": ["丙"]},
            "2024/0?.jpg": {"names": ["丁"]},
            "2024/01.jpg": {"names": ["戊"]},
            "0[89].png": {"names": ["己"]},
            "scan[1].jpg": {},
            "x*": {"units": ["一中"]},
            "*z": {"phones": ["1"]},
        }
    )
    names = ["b.pdf", "b.jpg", "2024/q.pdf", "2024/02.jpg", "2024/01.jpg", "deep/08.png"]
    assert ["".join(known.of(name).names) for name in names] == ["甲", "乙", "丙", "丁", "戊", "己"]
    assert known.of("xyz") == Identity(units=("一中",), phones=("1",))
    assert parse({"scan[1].jpg": {"names": ["甲"]}}).of("scan1.jpg") == Identity(names=("甲",))
    assert parse({"a": {}}).of("b") == Identity()


def test_what_an_identities_file_reaches() -> None:
    known = parse({"*.pdf": {}, "2024/*": {"names": ["甲"]}, "2024/01.pdf": {"names": ["乙"]}, "o1.jpg": {}, "x?": {}})
    assert known.reach(["2024/01.pdf", "b.pdf", "01.jpg", "y/o1.jpg"]) == Reach(4, unmet=1, idle=1)
    assert parse({}).reach(["a"]) == Reach(1, unmet=1, idle=0)


def test_specificity_counts_literal_characters_first() -> None:
    globs = ["*", "?", "*?", "a*", "a?", "ab*", "a*b*", "[ab]cd"]
    assert sorted(globs, key=specificity) == ["*", "*?", "?", "a*", "a?", "a*b*", "ab*", "[ab]cd"]


@pytest.mark.parametrize(
    "content",
    [[], {"*": []}, {"*": {"name": ["甲"]}}, {"*": {"names": "甲"}}, {"*": {"names": [" "]}}, {"*": {"phones": [138]}}],
)
def test_a_bad_identities_file_names_no_value(content: Any) -> None:
    with pytest.raises(BadIdentities) as caught:
        parse(content)
    assert "甲" not in str(caught.value)


def test_a_thousand_globs_are_quick_to_ask() -> None:
    known = parse({f"{n:05d}/*": {"names": [f"甲{n}"]} for n in range(5_000)})
    assert [known.of(f"{n:05d}/scan.jpg").names for n in (0, 777, 4_999)] == [("甲0",), ("甲777",), ("甲4999",)]
    assert sum(len(known._near(f"{n:05d}/a.jpg", "a.jpg")) for n in range(100)) == 100


def test_objects_are_judged_by_name_and_size_before_they_are_fetched() -> None:
    names = [("a/b.jpg", 10), ("../b.jpg", 10), ("big.tif", 2**31)]
    assert [bucket_source("s3://scans", key, size).code for key, size in names] == [
        None,
        "SOURCE_NAME_UNSAFE",
        "SCAN_TOO_LARGE",
    ]


def test_a_bucket_is_listed_and_read_through_its_store(src: Path) -> None:
    put(src, "a.jpg")
    put(src, "sub/b.pdf")
    url = src.as_uri()  # a folder behind the same interface as any other store
    listing = {source.name: source for source in _in_bucket(url)}
    assert sorted(listing) == ["a.jpg", "sub/b.pdf"]
    assert listing["sub/b.pdf"].place.read() == (src / "sub" / "b.pdf").read_bytes()
    assert [source.name for source in _in_bucket(url + "/a.jpg")] == ["a.jpg"]
    (src / "a.jpg").unlink()
    with pytest.raises(Refused) as gone:
        listing["a.jpg"].place.read()
    assert gone.value.code == "SOURCE_UNREADABLE"
    with pytest.raises(Unusable):
        list(_in_bucket(url + "/missing"))


def test_a_source_that_is_not_there_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(Unusable):
        sources(str(tmp_path / "missing"))


def test_a_file_url_is_a_folder(src: Path) -> None:
    put(src, "证书 1.jpg")
    assert [source.name for source in sources(src.as_uri())] == ["证书 1.jpg"]


def test_a_large_folder_is_listed_as_it_is_walked(src: Path) -> None:
    for number in range(50):
        (src / f"{number:02d}").mkdir()
        (src / f"{number:02d}" / "a.jpg").touch()
    listing = sources(str(src))
    assert next(listing).name == "00/a.jpg"
    (src / "49" / "b.jpg").touch()
    assert [source.name for source in listing][-1] == "49/b.jpg"
