"""Words that several services say: the audit stream of a notice, and messages to the api."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from mangping.contracts import FeeCancelled, FeeExpired, FeeIssued, FeeNotified, FeeRefunded, FeeRefused, FeeSettled
from mangping.db import Tx

from mangping_fees.domain.notice import CREDITED, Notice, State
from mangping_fees.domain.payment import Channel
from mangping_fees.storage import notices, payments
from mangping_fees.tables import hooks, ledger

Told = FeeIssued | FeeRefused | FeeNotified | FeeSettled | FeeExpired | FeeRefunded
PUBLIC: dict[type[Told], str] = {
    FeeIssued: "fee.notice.issued", FeeRefused: "fee.notice.declined", FeeNotified: "fee.notice.notified",
    FeeSettled: "fee.notice.paid", FeeExpired: "fee.notice.expired", FeeRefunded: "fee.notice.refunded",
}  # fmt: skip


def stream(notice: Notice) -> str:
    return f"notice:{notice.id}"


async def applications(tx: Tx, notice: Notice) -> tuple[UUID, ...]:
    """Whose fee it is, in the order of the roster."""
    return tuple(dict.fromkeys(line.application_id for line in await notices.lines(tx, notice.id)))


async def tell(tx: Tx, message: Told, at: datetime) -> None:
    """Owe the api this message, and integrators the event it tells of, in the transaction that made it true."""
    await _post(tx, message, at)
    if (notice := await notices.of_order(tx, message.order_id)) is None:
        return  # refused before there was one
    await hooks.owe(tx, PUBLIC[type(message)], public(notice, message), at=at)


def public(notice: Notice, message: Told) -> dict[str, Any]:
    """What integrators are told of this message."""
    data: dict[str, Any] = {"notice": str(notice.id), "state": notice.state, "amount_fen": notice.amount_fen}
    if len(message.applications) == 1:  # a roster is read through the notice
        data["application"] = str(message.applications[0])
    if notice.due_at is not None:
        data["due_at"] = notice.due_at.isoformat()
    return data


async def answer(tx: Tx, message: FeeCancelled, at: datetime) -> None:
    """For the api alone: integrators hear of a refund when it is done."""
    await _post(tx, message, at)


async def _post(tx: Tx, message: Told | FeeCancelled, at: datetime) -> None:
    await ledger.post(tx, {uuid4(): message}, at=at, not_before=at)


async def retell(tx: Tx, notice: Notice, at: datetime) -> None:
    """All that is known of an order, again: the api asks when an answer may have been lost with the queue."""
    whose = await applications(tx, notice)
    known: list[Told] = []
    if notice.state is State.DECLINED:
        known.append(declined(notice, whose))
    if notice.issued_at is not None:
        known.append(issued(notice, whose))
    if notice.received_at is not None and notice.due_at is not None:
        known.append(notified(notice, whose))
    if notice.state in CREDITED:
        credit = next(one for one in await payments.of_notice(tx, notice.id) if one.doubt is None)
        known.append(settled(notice, whose, credit.paid_at, credit.channel))
    if notice.state is State.EXPIRED:
        known.append(expired(notice, whose))
    if notice.state is State.REFUNDED:
        known.append(refunded(notice, whose))
    for message in known:
        await _post(tx, message, at)


def issued(notice: Notice, whose: tuple[UUID, ...]) -> FeeIssued:
    assert notice.pay_url is not None
    return FeeIssued(
        order_id=notice.order_id, applications=whose, amount_fen=notice.amount_fen, notice_id=notice.id,
        pay_url=notice.pay_url, due_at=notice.due_at, due_rule=notice.due_rule, due_trace=notice.due_trace,
    )  # fmt: skip


def declined(notice: Notice, whose: tuple[UUID, ...]) -> FeeRefused:
    return FeeRefused(order_id=notice.order_id, applications=whose, code=f"gateway.{notice.decline_code}")


def notified(notice: Notice, whose: tuple[UUID, ...]) -> FeeNotified:
    assert notice.received_at is not None
    assert notice.due_at is not None
    assert notice.due_rule is not None
    return FeeNotified(
        order_id=notice.order_id, applications=whose, received_at=notice.received_at, due_at=notice.due_at,
        due_rule=notice.due_rule, due_trace=notice.due_trace,
    )  # fmt: skip


def settled(notice: Notice, whose: tuple[UUID, ...], paid_at: datetime, channel: Channel) -> FeeSettled:
    return FeeSettled(
        order_id=notice.order_id, applications=whose, amount_fen=notice.amount_fen, paid_at=paid_at, channel=channel
    )


def expired(notice: Notice, whose: tuple[UUID, ...]) -> FeeExpired:
    assert notice.due_at is not None
    return FeeExpired(order_id=notice.order_id, applications=whose, due_at=notice.due_at)


def refunded(notice: Notice, whose: tuple[UUID, ...]) -> FeeRefunded:
    return FeeRefunded(order_id=notice.order_id, applications=whose, amount_fen=notice.amount_fen)
