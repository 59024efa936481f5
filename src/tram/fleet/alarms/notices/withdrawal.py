"""Notices that nobody is there for any more end at once, with the reason in the delivery log."""

from sqlalchemy import ColumnElement, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.alarms import NoticeState
from tram.fleet.alarms.tables import notices

__all__ = ("NO_CONTACT", "NO_PERSON", "NO_WEBHOOK", "withdraw")

NO_WEBHOOK = "The webhook was taken away."
NO_PERSON = "The person is not there any more, or was shut out."
NO_CONTACT = "The person gave no mail address any more."


async def withdraw(
    connection: AsyncConnection, now_ms: int, which: ColumnElement[bool], reason: str
) -> None:
    """End what waits, or is held back, among the notices that match."""
    await connection.execute(
        update(notices)
        .where(which, notices.c.state.in_((NoticeState.WAITING, NoticeState.HELD)))
        .values(state=NoticeState.WITHDRAWN, sent_ms=now_ms, reason=reason)
    )
