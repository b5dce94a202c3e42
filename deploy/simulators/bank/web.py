"""HTTP of the bank: the pay page for people, and the control interface (with a key) for demos and tests."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Literal
from urllib.parse import parse_qs

from mangping.money import MAX_FEN
from mangping_fees.domain.payment import Channel
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.simulators.bank import files, pages, teller
from deploy.simulators.bank.books import BankRefused, Books, as_json
from deploy.simulators.bank.switches import Switches

Act = Callable[[Request], Awaitable[Response]]
Fen = Annotated[int, Field(gt=0, lt=MAX_FEN)]
Source = Literal["finance", "agent"]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PayAsked(_Asked):
    pay_code: str
    channel: Channel
    amount_fen: Fen | None = None
    paid_at: AwareDatetime | None = None
    bank_trans_no: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,40}$")] | None = None
    region: Annotated[str, Field(pattern=r"^\d{6}$")] = "450300"
    race: bool = False


class FailAsked(_Asked):
    pay_code: str


class ReverseAsked(_Asked):
    bank_trans_no: str


class ReleaseAsked(_Asked):
    order: Literal["fifo", "lifo", "shuffle"] = "fifo"
    apart_ms: Annotated[int, Field(ge=0, le=60_000)] = 50


class ClockAsked(_Asked):
    now: AwareDatetime


class EditAsked(_Asked):
    bank_trans_no: str
    source: Source
    omit: bool = False
    amount_fen: Fen | None = None
    status: Literal["paid", "reversed"] | None = None
    day: date | None = None


def build(books: Books, control_key: str) -> Starlette:
    """The app. Control answers 401 without the key, 409 when the bank says no, 422 for what it does not understand."""
    desk = _Desk(books)
    control = {
        ("GET", "/control/switches"): desk.switches, ("PUT", "/control/switches"): desk.set_switches,
        ("POST", "/control/pay"): desk.pay, ("POST", "/control/fail"): desk.fail,
        ("POST", "/control/reverse"): desk.reverse, ("POST", "/control/release"): desk.release,
        ("POST", "/control/clock"): desk.clock, ("POST", "/control/edit"): desk.edit,
        ("GET", "/control/bills"): desk.bills, ("GET", "/control/payments"): desk.payments,
        ("GET", "/control/receipts"): desk.receipts, ("GET", "/control/words"): desk.words,
        ("GET", "/control/files/{source}/{day}"): desk.file,
    }  # fmt: skip
    return Starlette(routes=[
        Route("/pay/{pay_code}", desk.page, methods=["GET", "POST"]),
        Route("/healthz", _alive),
        *(Route(path, _guarded(act, control_key), methods=[method]) for (method, path), act in control.items()),
    ])  # fmt: skip


async def _alive(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _guarded(act: Act, key: str) -> Act:
    async def guarded(request: Request) -> Response:
        told = request.headers.get("authorization", "")
        if not hmac.compare_digest(told.encode(), f"Bearer {key}".encode()):
            return JSONResponse({"code": "no_key"}, 401)
        try:
            return await act(request)
        except BankRefused as no:
            return JSONResponse({"code": no.code}, 409)
        except (ValidationError, ValueError):
            return JSONResponse({"code": "unreadable"}, 422)

    return guarded


class _Desk:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def page(self, request: Request) -> Response:
        """GET shows the bill, POST pays it (or fails to)."""
        books, code = self._books, request.path_params["pay_code"]
        bill = books.bill(code)
        if bill is None:
            return HTMLResponse(pages.page(None, "no_bill"), 404, pages.HEADERS)
        try:
            teller.payable(bill, books.now())
            if request.method == "GET":
                teller.opened(books, bill)
                return HTMLResponse(pages.page(bill), headers=pages.HEADERS)
            act = parse_qs((await request.body()).decode("utf-8", "replace")).get("act", [""])[0]
            if act != "pay" or books.switches().fail_deductions:
                teller.fail(books, code)
                return HTMLResponse(pages.page(bill, "failed"), headers=pages.HEADERS)
            teller.pay(books, code, Channel.QR)
        except BankRefused as no:
            return HTMLResponse(pages.page(bill, no.code), 200 if no.code == "bill_paid" else 409, pages.HEADERS)
        return HTMLResponse(pages.page(bill, "paid"), headers=pages.HEADERS)

    async def switches(self, _: Request) -> Response:
        return JSONResponse(self._books.switches().model_dump())

    async def set_switches(self, request: Request) -> Response:
        self._books.set_switches(Switches.model_validate_json(await request.body()))
        return await self.switches(request)

    async def pay(self, request: Request) -> Response:
        asked = PayAsked.model_validate_json(await request.body())
        if asked.channel is Channel.MOBILE_BANK and self._books.switches().fail_deductions:
            teller.fail(self._books, asked.pay_code)
            raise BankRefused("deduction_failed")
        paid = teller.pay(
            self._books, asked.pay_code, asked.channel, amount_fen=asked.amount_fen, paid_at=asked.paid_at,
            bank_trans_no=asked.bank_trans_no, region=asked.region, race=asked.race,
        )  # fmt: skip
        return JSONResponse(
            {"bank_trans_no": paid.bank_trans_no, "amount_fen": paid.amount_fen, "paid_at": paid.paid_at}
        )

    async def fail(self, request: Request) -> Response:
        teller.fail(self._books, FailAsked.model_validate_json(await request.body()).pay_code)
        return JSONResponse({})

    async def reverse(self, request: Request) -> Response:
        self._books.reverse(ReverseAsked.model_validate_json(await request.body()).bank_trans_no)
        return JSONResponse({})

    async def release(self, request: Request) -> Response:
        asked = ReleaseAsked.model_validate_json(await request.body())
        return JSONResponse({"released": teller.release(self._books, asked.order, asked.apart_ms)})

    async def clock(self, request: Request) -> Response:
        self._books.set_now(ClockAsked.model_validate_json(await request.body()).now)
        return JSONResponse({"now": self._books.now().isoformat()})

    async def edit(self, request: Request) -> Response:
        asked = EditAsked.model_validate_json(await request.body())
        self._books.edit(
            asked.bank_trans_no, asked.source, omit=asked.omit, amount_fen=asked.amount_fen, status=asked.status,
            day=asked.day.isoformat() if asked.day else None,
        )  # fmt: skip
        return JSONResponse({})

    async def bills(self, _: Request) -> Response:
        return Response(as_json(self._books.bills()), media_type="application/json")

    async def payments(self, _: Request) -> Response:
        return Response(as_json(self._books.payments()), media_type="application/json")

    async def receipts(self, _: Request) -> Response:
        return JSONResponse(self._books.receipts())

    async def words(self, _: Request) -> Response:
        return JSONResponse(self._books.words())

    async def file(self, request: Request) -> Response:
        source, day = request.path_params["source"], date.fromisoformat(request.path_params["day"])
        if source not in ("finance", "agent"):
            return JSONResponse({"code": "no_file"}, 404)
        region = request.query_params.get("region", "450300")
        return Response("".join(files.lines(self._books, source, day, region)), media_type="text/plain")
