"""Bytes from outside become the pages a viewer would show, or a refusal with its own code."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from mangping.errors import Refused
from mangping_redaction.page import Page
from mangping_redaction.refusals import REFUSALS
from mangping_redaction.stages import decode as stage
from mangping_redaction.stages.decode import decode, stop_decoders
from mangping_redaction.stages.decode_limits import Limits
from PIL import Image


@pytest.fixture(scope="module", autouse=True)
def _no_decoder_left() -> Iterator[None]:
    yield
    stop_decoders()


def picture(width: int = 120, height: int = 80, mode: str = "RGB") -> Image.Image:
    """White, with a red block at the top left and a blue one at the bottom right."""
    image = Image.new("RGB", (width, height), "white")
    image.paste((220, 0, 0), (0, 0, width // 2, height // 2))
    image.paste((0, 0, 220), (width // 2, height // 2, width, height))
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def colours(page: Page) -> list[str]:
    """What stands in the four corners: r, b, w, or ? for anything else."""
    height, width = page.pixels.shape[:2]
    spots = [
        (height // 4, width // 4),
        (height // 4, 3 * width // 4),
        (3 * height // 4, width // 4),
        (3 * height // 4, 3 * width // 4),
    ]
    names = []
    for y, x in spots:
        blue, green, red = (int(value) for value in page.pixels[y, x])
        near = {
            "r": (red > 150, green < 70, blue < 70),
            "b": (red < 70, green < 70, blue > 150),
            "w": (min(red, green, blue) > 240,),
        }
        names.append(next((name for name, holds in near.items() if all(holds)), "?"))
    return names


def code(untrusted: bytes | Path, limits: Limits | None = None) -> str:
    with pytest.raises(Refused) as caught:
        list(decode(untrusted, limits=limits))
    assert (caught.value.message, caught.value.remedy) == REFUSALS[caught.value.code]
    return caught.value.code


def grey(page: Page) -> int:
    return int(page.pixels[5, 5, 0])


UPRIGHT = ["r", "w", "w", "b"]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 92}),
        ("JPEG", {"quality": 92, "progressive": True}),
        ("PNG", {}),
        ("BMP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"quality": 90}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_deflate"}),
        ("PDF", {"resolution": 100}),
    ],
)
def test_each_format_gives_the_pixels_a_viewer_shows(kind: str, options: dict[str, object]) -> None:
    (page,) = decode(saved(picture(), kind, **options))
    assert (page.size, page.number, page.of, page.turn) == ((120, 80), 1, 1, 0)
    assert colours(page) == UPRIGHT
    assert page.pixels.dtype == np.uint8
    assert page.pixels.flags.c_contiguous


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("P", "PNG"), ("RGBA", "PNG"), ("RGBA", "WEBP"), ("P", "BMP"), ("P", "TIFF")],
)
def test_each_pixel_mode_is_converted(mode: str, kind: str) -> None:
    (page,) = decode(saved(picture(mode=mode), kind))
    assert colours(page) == UPRIGHT


def test_sixteen_bits_become_eight_by_their_upper_half() -> None:
    wide = Image.fromarray(np.full((64, 64), 0x8040, np.uint16))
    assert [grey(page) for kind in ("PNG", "TIFF") for page in decode(saved(wide, kind))] == [0x80, 0x80]


def test_one_bit_and_grey() -> None:
    assert [grey(page) for mode in ("1", "L") for page in decode(saved(Image.new(mode, (64, 64), 255), "PNG"))] == [
        255,
        255,
    ]


def test_transparent_pixels_are_white_whatever_colour_they_hide() -> None:
    hidden = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    keyed = Image.new("L", (64, 64), 7)
    assert grey(next(decode(saved(hidden, "PNG")))) == 255
    assert grey(next(decode(saved(keyed, "PNG", transparency=7)))) == 255


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("turn", range(2, 9))
def test_the_exif_turn_is_applied(kind: str, turn: int) -> None:
    upright = picture()
    inverse = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[turn]  # the transposition that makes a file with this tag
    exif = Image.Exif()
    exif[0x0112] = turn
    stored = upright.transpose(Image.Transpose(inverse))
    options = {"lossless": True} if kind == "WEBP" else {"quality": 92} if kind == "JPEG" else {}
    (page,) = decode(saved(stored, kind, exif=exif, **options))
    assert (page.size, colours(page)) == ((120, 80), UPRIGHT)


def test_dpi_is_the_claimed_one_only_where_it_makes_a_sheet_of_paper() -> None:
    page = picture(1654, 2339, "L")
    photo = picture(900, 1270, "L")
    assert [
        round(next(decode(saved(image, "PNG", dpi=(dpi, dpi)))).dpi)
        for image, dpi in ((page, 200), (page, 72), (photo, 100), (page, 2400))
    ] == [200, 200, 100, 200]


def test_pages_of_a_tiff_and_of_a_pdf_come_in_order_and_can_be_skipped() -> None:
    frames = [Image.new("RGB", (60 + 10 * n, 70), (10 * n, 10 * n, 10 * n)) for n in range(5)]
    tiff = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    pdf = saved(frames[0], "PDF", save_all=True, append_images=frames[1:], resolution=72)
    for document in (tiff, pdf):
        assert [(page.number, page.of, page.size[0]) for page in decode(document)] == [
            (n + 1, 5, 60 + 10 * n) for n in range(5)
        ]
        assert [page.number for page in decode(document, wanted={3, 5}.__contains__)] == [3, 5]


def test_a_scan_in_a_pdf_keeps_its_own_pixels_and_a_written_page_gets_200_dpi() -> None:
    scan = saved(picture(1240, 1754), "PDF", resolution=150)
    written = pdfium.PdfDocument.new()
    written.new_page(595, 842)
    file = io.BytesIO()
    written.save(file)
    assert [(page.size, round(page.dpi)) for document in (scan, file.getvalue()) for page in decode(document)] == [
        ((1240, 1754), 150),
        ((1653, 2339), 200),
    ]


def test_a_file_by_path_is_read_and_left_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "scan.pdf"  # the suffix lies: only content counts
    file.write_bytes(saved(picture(), "PNG"))
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    assert colours(next(decode(file))) == UPRIGHT
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


def png(width: int, height: int, body: bytes = b"", *, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG that claims a size; `body` is its compressed pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def tiff(*frames: tuple[np.ndarray, dict[int, int]]) -> bytes:
    """An uncompressed grey TIFF; a frame is its pixels (height, width) and its tags, over those that follow from them."""
    file = b"II*\0\0\0\0\0"
    link = 4
    for pixels, told in frames:
        body, (height, width) = pixels.tobytes(), pixels.shape
        tags = {256: width, 257: height, 258: pixels.itemsize * 8, 259: 1, 262: 1, 273: len(file), 277: 1, 278: height}
        tags |= {279: len(body)} | told
        file = file[:link] + struct.pack("<I", len(file) + len(body)) + file[link + 4 :] + body
        entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
        file += struct.pack("<H", len(tags)) + entries + bytes(4)
        link = len(file) - 4
    return file


GREY = np.asarray(picture(mode="L"))


@pytest.mark.parametrize(
    ("pixels", "told"),
    [
        (GREY, {}),
        (255 - GREY, {262: 0}),
        (GREY.astype("<u2") * 257, {}),
        (65535 - GREY.astype("<u2") * 257, {262: 0}),
    ],
)
def test_a_grey_tiff_of_8_or_16_bits_is_as_bright_as_it_says(pixels: np.ndarray, told: dict[int, int]) -> None:
    (page,) = decode(tiff((pixels, told)))
    assert np.array_equal(page.pixels[:, :, 1], GREY)


@pytest.mark.parametrize(
    ("pixels", "told"),
    [
        ((GREY.astype("<i4") * 257 - 32768).astype("<i2"), {339: 2}),
        ((GREY.astype("<i2") - 128).astype("i1"), {339: 2}),
        (GREY.astype("<u4") << 24, {}),
        (GREY.astype("<f4"), {339: 3}),
        (GREY.astype("<u2") * 257, {284: 2}),
    ],
)
def test_a_tiff_whose_pixels_would_come_out_otherwise_is_refused(pixels: np.ndarray, told: dict[int, int]) -> None:
    assert code(tiff((pixels, told))) == "SCAN_PIXELS_UNSUPPORTED"


def test_a_thumbnail_in_a_tiff_is_no_page() -> None:
    small, other = GREY[:10, :12].copy(), GREY[::-1].copy()
    pages = list(decode(tiff((GREY, {}), (small, {254: 1}), (other, {}))))
    assert [(page.number, page.of, page.size) for page in pages] == [(1, 2, (120, 80)), (2, 2, (120, 80))]
    assert np.array_equal(pages[1].pixels[:, :, 1], other)


def test_zeros_behind_a_pdf_are_no_damage() -> None:
    pdf = saved(picture(), "PDF", resolution=72)
    assert [next(decode(pdf + bytes(count))).size for count in (1, 70_000, 200_000)] == [(120, 80)] * 3
    assert code(pdf[:-6] + bytes(70_000)) == "SCAN_TRUNCATED"


def noisy() -> Image.Image:
    return Image.fromarray(np.random.default_rng(5).integers(0, 255, (200, 160, 3), dtype=np.uint8))


def animated(kind: str) -> bytes:
    return saved(picture(), kind, save_all=True, append_images=[noisy().resize((120, 80))], duration=100)


def encrypted_pdf() -> bytes:
    """An empty document with a standard security handler whose password is not the empty one."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[]/Count 0>>",
        b"<</Filter/Standard/V 1/R 2/O<" + b"11" * 32 + b">/U<" + b"22" * 32 + b">/P -4>>",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj%sendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer<</Size 4/Root 1 0 R/Encrypt 3 0 R/ID[<00><00>]>>"
    return body + b"xref\n0 4\n0000000000 65535 f \n" + table + trailer + b"\nstartxref\n%d\n%%%%EOF" % len(body)


def long_pdf(pages: int) -> bytes:
    document = pdfium.PdfDocument.new()
    for _ in range(pages):
        document.new_page(100, 100)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


JPEG = saved(noisy(), "JPEG", quality=90)
PNG = saved(noisy(), "PNG")
BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "SCAN_EMPTY"),
    "text": (b"This is no picture." * 9, "SCAN_TYPE_UNKNOWN"),
    "zip (OFD, Word)": (b"PK\x03\x04" + bytes(60), "SCAN_TYPE_UNSUPPORTED"),
    "gif": (saved(picture(), "GIF"), "SCAN_TYPE_UNSUPPORTED"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(60), "SCAN_TYPE_UNSUPPORTED"),
    "half a jpeg": (JPEG[: len(JPEG) // 2], "SCAN_TRUNCATED"),
    "jpeg without its end marker": (JPEG[:-2], "SCAN_TRUNCATED"),
    "jpeg cut and closed again": (JPEG[: len(JPEG) // 2] + b"\xff\xd9", "SCAN_TRUNCATED"),
    "jpeg header only": (JPEG[:3], "SCAN_TRUNCATED"),
    "half a png": (PNG[: len(PNG) // 2], "SCAN_TRUNCATED"),
    "png without its end chunk": (PNG[:-12], "SCAN_TRUNCATED"),
    "png with a changed byte": (PNG[:5000] + bytes([PNG[5000] ^ 1]) + PNG[5001:], "SCAN_BROKEN"),
    "half a tiff": (saved(noisy(), "TIFF")[:40_000], "SCAN_TRUNCATED"),
    "half a tiff, directory last": (saved(noisy(), "TIFF", compression="tiff_lzw")[:20_000], "SCAN_TRUNCATED"),
    "half a bmp": (saved(noisy(), "BMP")[:40_000], "SCAN_TRUNCATED"),
    "half a webp": (saved(noisy(), "WEBP")[:2_000], "SCAN_TRUNCATED"),
    "half a pdf": (saved(noisy(), "PDF")[:3_000], "SCAN_TRUNCATED"),
    "a pdf of nonsense": (b"%PDF-1.7\n" + bytes(300) + b"%%EOF", "SCAN_BROKEN"),
    "one pixel": (saved(picture(1, 1), "PNG"), "SCAN_TOO_SMALL"),
    "a strip": (saved(picture(30_000, 40, "1"), "PNG"), "SCAN_SIDE_TOO_LONG"),
    "a standing strip": (saved(picture(40, 30_000, "L"), "JPEG"), "SCAN_SIDE_TOO_LONG"),
    "a bomb": (png(19_000, 19_000, zlib.compress(bytes(10_000_000))), "SCAN_TOO_MANY_PIXELS"),
    "a webp bomb": (
        b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (b"\xff\x3f\0" * 2) + bytes(8),
        "SCAN_TOO_MANY_PIXELS",
    ),
    "a huge tiff": (saved(picture(10_100, 10_000, "1"), "TIFF", compression="group4"), "SCAN_TOO_MANY_PIXELS"),
    "moving png": (animated("PNG"), "SCAN_ANIMATED"),
    "moving webp": (animated("WEBP"), "SCAN_ANIMATED"),
    "locked pdf": (encrypted_pdf(), "SCAN_ENCRYPTED"),
    "2 000 pages": (long_pdf(2_000), "SCAN_TOO_MANY_PAGES"),
    "floating point": (saved(Image.new("F", (64, 64)), "TIFF"), "SCAN_PIXELS_UNSUPPORTED"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_with_its_own_code(case: str) -> None:
    untrusted, expected = BAD[case]
    assert code(untrusted) == expected


def test_sizes_of_files_and_frames_are_bounded() -> None:
    frames = saved(picture(), "TIFF", save_all=True, append_images=[picture()] * 4)
    assert code(JPEG, Limits(file_bytes=1000)) == "SCAN_TOO_LARGE"
    assert code(frames, Limits(pages=4)) == "SCAN_TOO_MANY_PAGES"


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert [code(tmp_path / name) for name in ("pipe", "missing")] == ["SOURCE_NOT_A_FILE", "SOURCE_UNREADABLE"]


def test_a_trailer_behind_a_jpeg_is_no_damage() -> None:
    assert next(decode(JPEG + b"phone maker's notes" * 50)).size == (160, 200)


SMALL = Limits(memory_bytes=420 * 1024 * 1024)
BOMB = png(9_900, 9_900, zlib.compress(bytes(9_901 * 9_900), 9))  # within the pixel limit, not within this memory


def test_a_decoder_that_breaks_its_memory_limit_takes_nobody_along() -> None:
    assert len(BOMB) < 200_000
    assert code(BOMB, SMALL) == "SCAN_DECODER_DIED"
    assert next(decode(PNG, limits=SMALL)).size == (160, 200)


def test_a_decoder_that_takes_too_long_is_stopped() -> None:
    slow = replace(Limits(), wall_seconds=0.05)
    assert code(BOMB, slow) == "SCAN_DECODER_TIMEOUT"
    assert next(decode(BOMB)).size == (9_900, 9_900)


def test_a_decoder_killed_between_two_pages_is_replaced() -> None:
    stop_decoders()
    list(decode(PNG))  # the decoder has served before, so its death may not be this file's fault
    frames = decode(saved(picture(), "TIFF", save_all=True, append_images=[picture()] * 2))
    first = next(frames)
    for process in _children():
        os.kill(process, 9)
    assert [first.number, *(page.number for page in frames)] == [1, 2, 3]


def _children() -> list[int]:
    """Decoder processes of this process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if int(status[1]) == os.getpid() and status[0] != "Z" and b"decode_child" in command:
                found.append(int(entry.name))
    return found


def test_an_interrupted_request_never_answers_the_next_one() -> None:
    stop_decoders()
    first = decode(saved(picture(), "TIFF", save_all=True, append_images=[picture()]))
    next(first)
    first.close()
    other = decode(saved(picture(200, 90), "PNG"))
    assert next(other).size == (200, 90)
    two = decode(PNG), decode(JPEG)  # two files at once have two decoders
    assert [next(pages).number for pages in two] == [1, 1]
    assert len(_children()) <= 3


@pytest.mark.parametrize("ended", ["refused when opened", "refused at a page", "left after a page"])
def test_an_idle_decoder_holds_nothing_of_the_file_it_served_last(ended: str, tmp_path: Path) -> None:
    stop_decoders()
    file = tmp_path / "scan"
    if ended == "left after a page":
        file.write_bytes(saved(picture(), "TIFF", save_all=True, append_images=[picture()] * 2))
        assert [page.number for page in decode(file, wanted={2}.__contains__)] == [2]
    else:
        untrusted, expected = BAD["half a png" if ended == "refused when opened" else "floating point"]
        file.write_bytes(untrusted)
        assert code(file) == expected
    (child,) = _children()
    deadline = time.monotonic() + 5
    while str(file) in Path(f"/proc/{child}/maps").read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert str(file) not in Path(f"/proc/{child}/maps").read_text()


def test_the_same_decoder_serves_file_after_file_in_flat_memory() -> None:
    stop_decoders()
    page = saved(picture(1240, 1754), "JPEG")
    sizes = []
    for round_ in range(40):
        list(decode(page))
        if round_ in (9, 39):
            (child,) = _children()
            sizes.append((child, int((Path("/proc") / str(child) / "statm").read_text().split()[1]) * 4))
    assert sizes[0][0] == sizes[1][0]
    assert sizes[1][1] - sizes[0][1] < 3_000  # KB


def test_the_decoder_has_no_network_no_programs_and_writes_no_file(tmp_path: Path) -> None:
    script = """
import socket, subprocess, sys
from mangping_redaction.stages.decode_jail import forbid_calls
if not forbid_calls(): print("no seccomp here"); sys.exit()
def denied(act):
    try: act()
    except PermissionError: return True
    return False
print(denied(socket.socket), denied(lambda: subprocess.run(["true"])))
print(denied(lambda: open(sys.argv[1], "w")), bool(open(sys.argv[0]).read()))
"""
    program = tmp_path / "jailed.py"
    program.write_text(script)
    run = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "out")], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() in (["True"] * 4, ["no", "seccomp", "here"])
    assert not (tmp_path / "out").exists()


def test_the_decoder_inherits_none_of_the_parents_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_KEY", "secret")
    assert "VAULT_KEY" not in stage._environment()


def test_a_picture_of_more_rows_than_a_strip_keeps_every_pixel() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (601, 40, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    (page,) = decode(buffer.getvalue())
    assert np.array_equal(page.pixels, pixels[:, :, ::-1])
