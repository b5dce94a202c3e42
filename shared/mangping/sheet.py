"""Tables for spreadsheets: rows in, an .xlsx out, in flat memory. Same input, same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import xlsxwriter

Cell = str | int | None
_MADE = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # no clock in the bytes
_XLSX = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its heading, its width in characters, and whether its integers are fen, shown as yuan."""

    title: str
    width: int = 12
    fen: bool = False


def xlsx(sheets: Iterable[tuple[str, str, Sequence[Head], Iterable[Sequence[Cell]]]]) -> bytes:
    """Each sheet: (name, title line, columns, rows). What a person typed stays text: no formula, no link."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, _XLSX) as book:
        book.set_properties({"created": _MADE})
        title = book.add_format({"bold": True, "font_size": 14, "align": "center"})
        head = book.add_format({"bold": True, "border": 1, "align": "center", "bg_color": "#F2F2F2", "text_wrap": True})
        plain = book.add_format({"border": 1, "text_wrap": True, "valign": "vcenter"})
        yuan = book.add_format({"border": 1, "num_format": "#,##0.00"})
        for name, line, columns, rows in sheets:
            sheet = book.add_worksheet(name)
            sheet.set_landscape()
            sheet.set_paper(9)  # A4
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(1)
            for at, column in enumerate(columns):
                sheet.set_column(at, at, column.width)
            if len(columns) > 1:
                sheet.merge_range(0, 0, 0, len(columns) - 1, line, title)
            else:
                sheet.write_string(0, 0, line, title)
            for at, column in enumerate(columns):
                sheet.write_string(1, at, column.title, head)
            for number, row in enumerate(rows, start=2):
                for at, (column, value) in enumerate(zip(columns, row, strict=True)):
                    if isinstance(value, int):
                        sheet.write_number(
                            number, at, value / 100 if column.fen else value, yuan if column.fen else plain
                        )
                    else:
                        sheet.write_string(number, at, value or "", plain)
    return made.getvalue()
