"""Spreadsheets: the same bytes for the same rows, yuan from fen, and text that stays text."""

from __future__ import annotations

import io

from mangping.sheet import Cell, Head, xlsx
from openpyxl import load_workbook

COLUMNS = (Head("序号", 6), Head("姓名"), Head("身份证号", 20), Head("金额", fen=True))
ROWS: list[tuple[Cell, ...]] = [(1, "测试甲", "652801199001010029", 38000), (2, "=1+1", None, 22005)]


def made() -> bytes:
    return xlsx([("花名册", "申报人员花名册", COLUMNS, ROWS)])


def test_same_rows_same_bytes() -> None:
    assert made() == made()


def test_cells_are_what_was_given() -> None:
    sheet = load_workbook(io.BytesIO(made()))["花名册"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "申报人员花名册"
    assert rows[1] == ("序号", "姓名", "身份证号", "金额")
    assert rows[2] == (1, "测试甲", "652801199001010029", 380)
    assert rows[3][:2] == (2, "=1+1")
    assert rows[3][3] == 220.05
    assert sheet["B4"].data_type == "s"  # not a formula
