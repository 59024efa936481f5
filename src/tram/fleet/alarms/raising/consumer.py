"""Follows the log for the rules: decode, judge, commit; the state is kept every ten seconds.

Rules and devices change only together with a snapshot: whatever is read again after a crash is
judged by the rules that judged it the first time, and what was committed then is skipped. Looking for
such changes and writing the regular snapshot go on beside the judging, which waits for neither.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from tram.domain.ids import OrgId
from tram.fleet.alarms.raising.transition_writer import TransitionWriter
from tram.fleet.alarms.raising.transitions import Transition, retirements_of, transitions_of
from tram.fleet.alarms.set_aside import BLOCK, DEVICE, PART, rule_entry
from tram.fleet.block.block import decode_block, decode_header
from tram.fleet.block.given_back import is_for
from tram.fleet.log.reader import LogReader, StreamMessage
from tram.fleet.rules.engine import RuleEngine
from tram.fleet.rules.kinds import Rule
from tram.fleet.rules.ready import make_ready
from tram.fleet.rules.snapshot import Frozen, freeze, read_snapshot, write_snapshot
from tram.registry.kernel.changes import Body
from tram.registry.kernel.outbox import ChangeOutbox as Changes
from tram.registry.kernel.set_aside import SetAsideEntry as Aside
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused, Unavailable, is_of_the_entry
from tram.runtime.logging import get_logger
from tram.runtime.processes.thread_pools import JUDGING
from tram.runtime.watch.inspection import Inspector
from tram.runtime.watch.loops import LOOPS, Heartbeat

__all__ = ("ConsumerPorts", "RulesConsumer")

SNAPSHOT_S = 10.0
LOOK_S = 1.0
RETRY_S = 1.0
QUIET_S = 120.0
"""Judging a batch takes far less; a loop that says nothing for longer hangs."""
GATHER_S = 0.1
"""Blocks of this time are judged together: waking up for each costs more than judging it."""
_BATCH = 64
_QUEUE = 512

log = get_logger()


class ConsumerPorts(NamedTuple):
    """What the consumer needs of its surroundings."""

    log: LogReader
    changes: Changes
    rules: Callable[[], Awaitable[tuple[int, list[Rule]]]]
    """Returns the rules that are on and the number of their last change."""
    mark: Callable[[int, int], Awaitable[None]]
    """Says how far, by epoch and sequence, the log is not needed any more."""
    set_aside: Callable[[Aside, Exception], Awaitable[object]]
    """Keeps what could not be judged, with its reason, for its owner to see."""


class News(NamedTuple):
    """Rules and devices as they are now.

    ``bodies`` are what changed of devices until ``version``, or all of them (``is_whole``).
    """

    mark: int
    rules: list[Rule]
    version: int
    bodies: list[Body]
    is_whole: bool


class RulesConsumer:
    """One process owns the engine of an installation."""

    def __init__(
        self, folder: Path, ports: ConsumerPorts, intake: TransitionWriter, clock: Clock
    ) -> None:
        self._folder = folder
        self._ports = ports
        self._intake = intake
        self._clock = clock
        self._engine = RuleEngine()
        self._epoch = 0
        self._kept_seq = 0
        self._known_until = 0
        self._rules_mark = -1
        self._queue: asyncio.Queue[StreamMessage] = asyncio.Queue(_QUEUE)
        self._problem: str | None = None
        self._blindness: str | None = None
        self._news: News | None = None
        self._taken = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None
        self._heartbeat: Heartbeat | None = None
        self._unfit: list[tuple[Aside, Exception]] = []
        self.inspector = Inspector()
        """What becomes of a block that alone brings this process down."""
        self.wake: Callable[[], None] = lambda: None

    def problem(self) -> str | None:
        """Return None while rules are judged, else one sentence."""
        return self._problem or self._blindness

    def know_end(self, seq: int) -> None:
        """Say how far the log reaches."""
        if self._heartbeat is not None:
            self._heartbeat.know(seq)

    @property
    def engine(self) -> RuleEngine:
        """The engine as it is now (for figures)."""
        return self._engine

    async def run(self) -> None:
        """Judge for ever.

        Raises:
            Broken: if the snapshot is damaged.
        """
        await JUDGING.run(make_ready)
        await self._open()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read())
            group.create_task(self._look())
            await self._judge(group)

    async def _open(self) -> None:
        self._epoch = await self._ports.log.epoch()
        found = await JUDGING.run(read_snapshot, self._folder)
        epoch, seq = await self._intake.committed()
        if found is not None:
            self._engine, kept_epoch = found
            if kept_epoch != self._epoch:
                self._engine.seq = 0  # the log was made anew: its numbers start again
            self._known_until = seq if epoch == self._epoch else 0
        else:
            self._engine.seq = seq if epoch == self._epoch else 0
            await self._intake.retire([], everything=True)
        self._kept_seq = self._engine.seq
        await self._refresh()

    async def _read(self) -> None:
        async for entry in self._ports.log.read(self._engine.seq):
            await self._queue.put(entry)

    async def _judge(self, group: asyncio.TaskGroup) -> None:
        kept_s = self._clock.monotonic_s()
        heartbeat = self._heartbeat = LOOPS.begin("rules judged", QUIET_S)
        heartbeat.reach(self._engine.seq)
        while True:
            heartbeat.heartbeat()
            batch = await self._batch()
            for part in self.inspector.footprint.parted(batch):
                await self._commit(await self._judge_part(part, heartbeat))
                heartbeat.reach(self._engine.seq)
            await self._put_aside()
            if self._news is not None and self._may_change():
                await self._take(self._news)
                self._news = None
                self._taken.set()
            now_s = self._clock.monotonic_s()
            if now_s - kept_s >= SNAPSHOT_S and not self._is_writing():
                kept_s = now_s
                frozen = None
                if self._engine.seq > self._kept_seq:
                    frozen = await JUDGING.run(freeze, self._engine, self._epoch)
                self._writing = group.create_task(self._keep(frozen))

    async def _judge_part(
        self, part: list[StreamMessage], heartbeat: Heartbeat
    ) -> list[Transition]:
        """Judge one part; a block at which predecessors died is examined before."""
        prints, first, last = self.inspector.footprint, part[0], part[-1].seq
        if prints.must_examine(first.seq):
            heartbeat.wait(f"block {first.seq} is examined")
            is_out = await self._lasting(
                lambda: self.inspector.takes_out(self._epoch, first.seq, first.payload)
            )
            prints.absolve()
            if is_out:
                self._engine.seq = last
                return []
        heartbeat.work(f"block {first.seq}")
        prints.step(0, first.seq, last)
        try:
            said = await JUDGING.run(self._apply, part)
        finally:
            prints.lift(0)
        if prints.is_suspect(prints.last) and last >= prints.last:
            prints.absolve()
        return said

    async def _look(self) -> None:
        """Look every second whether rules or devices have changed; one find at a time."""
        while True:
            await self._clock.sleep(LOOK_S)
            self._taken.clear()
            self._news = await self._find_news()
            if self._news is not None:
                await self._taken.wait()

    async def _batch(self) -> list[StreamMessage]:
        batch: list[StreamMessage] = []
        try:
            async with asyncio.timeout(LOOK_S):
                batch.append(await self._queue.get())
        except TimeoutError:
            return batch
        if self._queue.empty():
            await asyncio.sleep(GATHER_S)
        while len(batch) < _BATCH and not self._queue.empty():
            batch.append(self._queue.get_nowait())
        return batch

    def _apply(self, batch: list[StreamMessage]) -> list[Transition]:
        said: list[Transition] = []
        for entry in batch:
            try:
                said += self._judged(entry)
            except Exception as error:
                if not is_of_the_entry(error):
                    raise
                self._engine.seq = entry.seq
                key = f"{self._epoch}.{entry.seq}"
                self._unfit.append((Aside(PART, BLOCK, key), error))
        retired = self._engine.take_retired()
        return said + retirements_of(retired, self._engine.received_ms, self._engine.seq)

    def _judged(self, entry: StreamMessage) -> list[Transition]:
        header = decode_header(entry.payload)
        if not self._engine.has_rules or not is_for(header.boot, PART):
            self._engine.pass_over(entry.seq, header.received_at_ms)
            return []
        found = self._engine.apply(entry.seq, decode_block(entry.payload))
        return transitions_of(found, self._engine.binding.rules) if len(found) else []

    async def _put_aside(self) -> None:
        """Set aside the rules, devices and blocks that raised; all others were judged."""
        unfit, self._unfit = self._unfit, []
        for rule, error in self._engine.take_failed():
            unfit.append((rule_entry(rule.id, rule.version, rule.org), error))
        for device, org, error in self._engine.take_wrong_facts():
            owner = None if org is None else OrgId(org)
            unfit.append((Aside(PART, DEVICE, str(device), owner), error))
        for entry, error in unfit:
            await self._lasting(lambda e=entry, why=error: self._noted(e, why))  # type: ignore[misc]

    async def _noted(self, entry: Aside, error: Exception) -> bool:
        await self._ports.set_aside(entry, error)
        return True

    async def _commit(self, said: list[Transition]) -> None:
        if said and await self._lasting(
            lambda: self._intake.commit(self._epoch, self._engine.seq, said)
        ):
            self.wake()

    async def _lasting(self, call: Callable[[], Awaitable[bool]]) -> bool:
        """Call until the registry answers: nothing is skipped, the log keeps what waits."""
        while True:
            try:
                done = await call()
            except Unavailable as error:
                self._problem = f"Alarms wait in the log: {error.sentence}"
                if self._heartbeat is not None:
                    self._heartbeat.wait(self._problem)
                log.exception("transitions not written, trying again")
                await self._clock.sleep(RETRY_S)
            else:
                self._problem = None
                return done

    async def _refresh(self) -> None:
        """Take new rules and devices now."""
        if self._may_change() and (news := await self._find_news()) is not None:
            await self._take(news)

    def _may_change(self) -> bool:
        """Tell whether rules may change now.

        Not before the engine has seen again what is committed: its transitions are skipped, so they
        must be those of then.
        """
        return self._engine.seq >= self._known_until

    async def _find_news(self) -> News | None:
        try:
            mark, rules = await self._ports.rules()
            version, bodies, is_whole = await self._changes()
        except Unavailable as error:
            self._blindness = error.sentence
            return None
        self._blindness = None
        is_new = mark != self._rules_mark or bool(bodies)
        return News(mark, rules, version, bodies, is_whole) if is_new else None

    async def _take(self, news: News) -> None:
        """Change to new rules and devices, together with a snapshot."""
        retired = []
        if news.is_whole:
            self._engine.facts.forget()
        if news.bodies:
            retired += self._engine.set_facts(news.version, news.bodies)
        if news.mark != self._rules_mark:
            retired += self._engine.set_rules(news.rules)
            self._rules_mark = news.mark
        at_ms = self._engine.received_ms or self._clock.now_ms()
        if self._writing is not None:
            await self._writing
        await self._write(freeze(self._engine, self._epoch))
        said = retirements_of(retired, at_ms, self._engine.seq)
        if await self._lasting(lambda: self._intake.retire(said)):
            self.wake()
        await self._put_aside()

    async def _changes(self) -> tuple[int, list[Body], bool]:
        """Return what changed since the engine's version; everything (True), if it knows nothing."""
        changes, known = self._ports.changes, self._engine.facts.version
        bodies: list[Body] = []
        if known >= 0:
            try:
                while found := await changes.read(known):
                    bodies += [change.body for change in found]
                    known = found[-1].number
            except Refused:
                bodies, known = [], -1  # trimmed: take everything
            else:
                return known, bodies, False
        async for part in changes.snapshot():
            bodies += [change.body for change in part.changes]
            known = part.version
        return known, bodies, True

    def _is_writing(self) -> bool:
        return self._writing is not None and not self._writing.done()

    async def _keep(self, frozen: Frozen | None) -> None:
        """Write a snapshot, if there is something new, and say how far the log may go."""
        if frozen is not None:
            await self._write(frozen)
        await self._ports.mark(self._epoch, self._kept_seq)

    async def _write(self, frozen: Frozen) -> None:
        await JUDGING.run(write_snapshot, self._folder, frozen)
        self._kept_seq = frozen.header.seq
