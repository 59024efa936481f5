"""The streams of the product, their limits, and which role may do what with them."""

from dataclasses import dataclass
from typing import Any

from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from tram.fleet.log.nats_connection import NatsConnection
from tram.runtime.clock import Clock

__all__ = (
    "BLOCKS",
    "BLOCK_SUBJECT",
    "CHANGE_SUBJECT",
    "DOWNLINKS",
    "DOWNLINK_SUBJECT",
    "HEAD_SUBJECT",
    "IDENTITY",
    "LIVE_SUBJECT",
    "LOOKING_SUBJECT",
    "MANIFEST_SUBJECT",
    "MESSAGE_BYTES_MAX",
    "PEER_SUBJECT",
    "PERMISSIONS",
    "PERMISSIONS_OPS",
    "READER_SUBJECT",
    "REPORTS",
    "REPORT_SUBJECT",
    "RPC_SUBJECT",
    "SESSIONS",
    "SESSION_SUBJECT",
    "SNAPSHOTS",
    "SNAPSHOT_SUBJECT",
    "RolePermissions",
    "ensure_streams",
    "epoch_of",
)

BLOCKS = "BLOCKS"
BLOCK_SUBJECT = "tram.block"
IDENTITY = "IDENTITY"
SNAPSHOTS = "SNAPSHOTS"
CHANGE_SUBJECT = "tram.identity.change"
SNAPSHOT_SUBJECT = "tram.identity.snapshot"
MANIFEST_SUBJECT = "tram.identity.manifest"
HEAD_SUBJECT = "tram.identity.head"
LIVE_SUBJECT = "tram.live"
LOOKING_SUBJECT = "tram.looking"
"""Where web processes say that somebody looks at a live view."""
READER_SUBJECT = "tram.reader"
"""Where other readers of the block log say how far they do not need it any more."""
RPC_SUBJECT = "tram.desk"
PEER_SUBJECT = "tram.peer"
SESSIONS = "SESSIONS"
SESSION_SUBJECT = "tram.session"
DOWNLINKS = "DOWNLINKS"
DOWNLINK_SUBJECT = "tram.down"
REPORTS = "REPORTS"
REPORT_SUBJECT = "tram.report"
MESSAGE_BYTES_MAX = 8_388_608
"""The server's payload limit; blocks are split far below it."""

_CHANGES_BYTES_MAX = 536_870_912
_SNAPSHOTS_BYTES_MAX = 1_073_741_824
_SESSIONS_BYTES_MAX = 1_073_741_824
_DOWNLINKS_BYTES_MAX = 268_435_456
_REPORTS_BYTES_MAX = 268_435_456
_KNOWS_DOUBLES: dict[str, Any] = {"duplicate_window": 120}
"""For so many seconds, a message sent again is known by its id."""
_EPOCH_KEY = "tram_epoch"


@dataclass(frozen=True, slots=True)
class RolePermissions:
    """Subjects that a role may publish to and subscribe to; everything else is refused."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    answers: bool = False
    """Whether it may answer each request that it received, once."""

    def as_nats(self) -> dict[str, Any]:
        """Return them as the server's configuration states them."""
        stated: dict[str, Any] = {
            "publish": {"allow": self.publish},
            "subscribe": {"allow": self.subscribe},
        }
        return stated | ({"allow_responses": True} if self.answers else {})


def _get(stream: str) -> tuple[str, ...]:
    return (
        f"$JS.API.STREAM.INFO.{stream}",
        f"$JS.API.STREAM.MSG.GET.{stream}",
        f"$JS.API.DIRECT.GET.{stream}",
        f"$JS.API.DIRECT.GET.{stream}.>",
    )


def _read(stream: str) -> tuple[str, ...]:
    return (
        *_get(stream),
        f"$JS.API.CONSUMER.CREATE.{stream}",
        f"$JS.API.CONSUMER.CREATE.{stream}.>",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.>",
        f"$JS.API.CONSUMER.DELETE.{stream}.>",
    )


PERMISSIONS_OPS = RolePermissions(publish=(">",), subscribe=(">",))

PERMISSIONS: dict[str, RolePermissions] = {
    "gateway": RolePermissions(
        publish=(
            f"{BLOCK_SUBJECT}.*",
            f"$JS.API.STREAM.INFO.{BLOCKS}",
            f"$JS.API.STREAM.MSG.GET.{BLOCKS}",
            *_read(IDENTITY),
            *_get(SNAPSHOTS),
            f"{RPC_SUBJECT}.*",
            PEER_SUBJECT,
            f"{SESSION_SUBJECT}.>",
            *_read(SESSIONS),
            f"$JS.API.STREAM.PURGE.{SESSIONS}",
            f"$JS.API.STREAM.MSG.DELETE.{SESSIONS}",
            *_read(DOWNLINKS),
            REPORT_SUBJECT,
        ),
        subscribe=("_INBOX.gateway.>", HEAD_SUBJECT, PEER_SUBJECT),
    ),
    "store": RolePermissions(
        publish=(
            LIVE_SUBJECT,
            f"$JS.API.STREAM.PURGE.{BLOCKS}",
            *_read(BLOCKS),
            *_read(IDENTITY),
            *_get(SNAPSHOTS),
        ),
        subscribe=("_INBOX.store.>", HEAD_SUBJECT, LOOKING_SUBJECT, f"{READER_SUBJECT}.*"),
    ),
    "alarms": RolePermissions(
        publish=(f"{READER_SUBJECT}.alarms", *_read(BLOCKS)),
        subscribe=("_INBOX.alarms.>",),
    ),
    "web": RolePermissions(
        publish=(f"$JS.API.STREAM.INFO.{BLOCKS}", LOOKING_SUBJECT),
        subscribe=("_INBOX.web.>", LIVE_SUBJECT),
    ),
    "work": RolePermissions(
        publish=(
            CHANGE_SUBJECT,
            f"{SNAPSHOT_SUBJECT}.>",
            MANIFEST_SUBJECT,
            HEAD_SUBJECT,
            f"$JS.API.STREAM.PURGE.{IDENTITY}",
            f"$JS.API.STREAM.PURGE.{SNAPSHOTS}",
            *_read(IDENTITY),
            *_get(SNAPSHOTS),
            f"{DOWNLINK_SUBJECT}.>",
            *_read(REPORTS),
            f"$JS.API.STREAM.PURGE.{REPORTS}",
        ),
        subscribe=("_INBOX.work.>", f"{RPC_SUBJECT}.*"),
        answers=True,
    ),
    "ops": PERMISSIONS_OPS,
}
"""Least permissions per role. Only ``gateway`` may write blocks, only ``work`` identities."""


async def ensure_streams(
    link: NatsConnection, blocks_bytes_max: int, clock: Clock, *, replicas: int = 1
) -> None:
    """Create the streams where they are missing, and bring the block log to its configured size.

    ``replicas`` is 1 for one server, 3 for a cluster of three or more.

    The block log's epoch (seconds of its creation) is part of every row's identity: a stream made
    anew starts a new epoch.
    """
    epoch = {_EPOCH_KEY: str(clock.now_ms() // 1000)}
    newest: dict[str, Any] = {
        "max_msgs_per_subject": 1,
        "allow_direct": True,
        "allow_msg_ttl": True,
    }
    for name, subjects, bytes_max, own in (
        (
            BLOCKS,
            [f"{BLOCK_SUBJECT}.*"],
            blocks_bytes_max,
            _KNOWS_DOUBLES | {"deny_delete": True, "metadata": epoch},
        ),
        (
            IDENTITY,
            [CHANGE_SUBJECT],
            _CHANGES_BYTES_MAX,
            _KNOWS_DOUBLES | {"allow_direct": True},
        ),
        (
            SNAPSHOTS,
            [f"{SNAPSHOT_SUBJECT}.>", MANIFEST_SUBJECT],
            _SNAPSHOTS_BYTES_MAX,
            {"allow_direct": True},
        ),
        (SESSIONS, [f"{SESSION_SUBJECT}.>"], _SESSIONS_BYTES_MAX, newest),
        (DOWNLINKS, [f"{DOWNLINK_SUBJECT}.>"], _DOWNLINKS_BYTES_MAX, newest),
        (REPORTS, [REPORT_SUBJECT], _REPORTS_BYTES_MAX, _KNOWS_DOUBLES),
    ):
        config = StreamConfig(
            name=name,
            subjects=subjects,
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            discard=DiscardPolicy.NEW,
            max_bytes=bytes_max,
            max_msg_size=MESSAGE_BYTES_MAX,
            num_replicas=replicas,
            **own,
        )
        await _ensure(link, config)


async def epoch_of(link: NatsConnection) -> int:
    """Return the epoch of the block log."""
    info = await link.jetstream.stream_info(BLOCKS)
    metadata = info.config.metadata or {}
    return int(metadata[_EPOCH_KEY])


async def _ensure(link: NatsConnection, config: StreamConfig) -> None:
    try:
        present = (await link.jetstream.stream_info(str(config.name))).config
    except NotFoundError:
        await link.jetstream.add_stream(config)
        return
    if present.max_bytes != config.max_bytes:
        present.max_bytes = config.max_bytes
        await link.jetstream.update_stream(present)
