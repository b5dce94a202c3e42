"""Taking money: at the counter, by QR page, by mobile bank; and telling the fees service, as the switches have it."""

from __future__ import annotations

import random
import time
import uuid
from datetime import datetime

from mangping.clock import BEIJING
from mangping_fees.domain.payment import Channel, Confirmation, DeductionFailed, GatewayEvent, PayPageOpened
from mangping_fees.gateways.webhook_events import write_event

from deploy.simulators.bank.books import BankRefused, Bill, Books, Payment

_CHANCE = random.Random()


def pay(
    books: Books,
    pay_code: str,
    channel: Channel,
    *,
    amount_fen: int | None = None,
    paid_at: datetime | None = None,
    bank_trans_no: str | None = None,
    region: str = "450300",
    race: bool = False,
) -> Payment:
    """Book a payment and owe its word, in one transaction. BankRefused when the bill does not stand to be paid.

    `race` skips that check, as when two channels asked at the same instant. A transfer may name any code at all; it
    reaches the treasury account of `region`.
    """
    with books.write():
        bill, at = books.bill(pay_code), paid_at or books.now()
        if bill is None and (channel is not Channel.TRANSFER or not amount_fen):
            raise BankRefused("no_bill")
        if bill is not None and not race:
            payable(bill, at)
        fen = amount_fen or (bill.amount_fen if bill else 0)
        number = bank_trans_no or f"{at.astimezone(BEIJING):%Y%m%d}{books.serial('transaction'):010d}"
        payment = Payment(
            number, bill.region if bill else region, pay_code, fen, channel.value,
            at.astimezone(BEIJING).replace(microsecond=0).isoformat(), "paid", bill.unit_code if bill else "",
        )  # fmt: skip
        books.add_payment(payment)
        if bill is not None and bill.state == "unpaid" and fen == bill.amount_fen:
            books.set_state(pay_code, "paid")
        tell(books, word(payment, uuid.uuid4().hex))
    return payment


def payable(bill: Bill, at: datetime) -> None:
    """BankRefused when it is paid, void or past its validity."""
    if bill.state != "unpaid":
        raise BankRefused(f"bill_{bill.state}")
    if bill.until and f"{at.astimezone(BEIJING):%Y%m%d%H%M%S}" >= bill.until:
        raise BankRefused("bill_expired")


def fail(books: Books, pay_code: str) -> None:
    """扣款不成功: nothing is booked, and only that is told."""
    with books.write():
        if (bill := books.bill(pay_code)) is None:
            raise BankRefused("no_bill")
        at = books.now().astimezone(BEIJING)
        tell(books, DeductionFailed(uuid.uuid4().hex, bill.region, pay_code, at))


def opened(books: Books, bill: Bill) -> None:
    """The page behind the QR code was looked at."""
    with books.write():
        at = books.now().astimezone(BEIJING)
        tell(books, PayPageOpened(uuid.uuid4().hex, bill.region, bill.pay_code, at))


def word(payment: Payment, event_id: str) -> Confirmation:
    return Confirmation(
        event_id, payment.region, payment.pay_code, payment.bank_trans_no, payment.amount_fen,
        Channel(payment.channel), datetime.fromisoformat(payment.paid_at), payment.unit_code or None,
    )  # fmt: skip


def tell(books: Books, event: GatewayEvent) -> None:
    """Owe this word. Only confirmations are lost, held, delayed or doubled; the socket knows no other word."""
    switches = books.switches()
    body, due = write_event(event), time.time()
    if not isinstance(event, Confirmation):
        books.owe(event.event_id, "webhook", body, due, "owed")
        return
    state = "lost" if switches.lose else "held" if switches.hold else "owed"
    carriers = ("socket", "webhook") if switches.carrier == "both" else (switches.carrier,)
    ids = [event.event_id] * min(2, 1 + switches.duplicates)
    ids += [uuid.uuid4().hex for _ in range(switches.duplicates - 1)]
    for carrier in carriers:
        for event_id in ids:
            wait = switches.delay_ms + _CHANCE.uniform(0, switches.jitter_ms)
            books.owe(event_id, carrier, body, due + wait / 1000, state)


def release(books: Books, order: str, apart_ms: int) -> int:
    """Let go of what is held: "fifo", "lifo" or "shuffle", `apart_ms` between two. How many there were."""
    with books.write():
        held = books.held()
        if order == "lifo":
            held.reverse()
        elif order == "shuffle":
            _CHANCE.shuffle(held)
        for place, number in enumerate(held):
            books.release(number, time.time() + place * apart_ms / 1000)
    return len(held)
