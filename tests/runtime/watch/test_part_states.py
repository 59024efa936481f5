"""How the parts stand: what the supervisor writes is what pages, strangers and Prometheus read."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry, generate_latest

from tram.runtime.clock import ManualClock
from tram.runtime.watch.loops import HUNG, STUCK, WAITS, WELL, Loop
from tram.runtime.watch.part_states import (
    RESTARTS,
    STALE_S,
    STARTING,
    PartState,
    PartStatesCollector,
    PartStatesFile,
    public_sentence,
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_795_000_000_000)


@pytest.fixture
def file(tmp_path: Path, clock: ManualClock) -> PartStatesFile:
    return PartStatesFile(tmp_path / "parts.json", clock)


def part(state: str = WELL, sentence: str = "", restarts: int = 0, **given: object) -> PartState:
    return PartState(state=state, sentence=sentence, restarts=restarts, **given)


def test_what_is_written_is_read_and_only_what_is_not_well_is_a_problem(
    file: PartStatesFile,
) -> None:
    file.write({"web": part(), "store": part(STUCK, "it stands at block 7", 2)})

    assert file.problems() == [("store", STUCK, "it stands at block 7")]
    standings = file.read()
    assert (standings.parts["store"].restarts, standings.parts["web"].state) == (2, WELL)


def test_nothing_noted_and_nothing_readable_are_no_problem(
    file: PartStatesFile, tmp_path: Path
) -> None:
    assert (file.read(), file.problems()) == (None, [])

    for content in (b"", b"{", b"[]", b"\xff", b'{"at_s":"x","parts":{}}'):
        (tmp_path / "parts.json").write_bytes(content)
        assert (file.read(), file.problems()) == (None, []), content

    file.write({"web": part()})
    file.remove()
    file.remove()
    assert file.read() is None


def test_an_old_file_says_that_nobody_watches(file: PartStatesFile, clock: ManualClock) -> None:
    file.write({"web": part(HUNG, "it hangs")})

    clock.advance(int(STALE_S * 1_000))
    assert file.problems() == [("web", HUNG, "it hangs")]
    clock.advance(1)

    assert [(name, state) for name, state, _ in file.problems()] == [("supervisor", "unwatched")]


def test_a_file_of_another_life_of_the_machine_is_not_believed(
    file: PartStatesFile, tmp_path: Path
) -> None:
    ahead = PartStatesFile(tmp_path / "parts.json", ManualClock(0))
    later = ManualClock(0)
    later.advance(3_600_000)
    PartStatesFile(tmp_path / "parts.json", later).write({"web": part()})

    assert [state for _, state, _ in ahead.problems()] == ["unwatched"]


def test_strangers_are_told_the_worst_and_no_part_or_reason() -> None:
    problems = [
        ("store", WAITS, "the disk /data is full"),
        ("web", RESTARTS, "it ended with 9"),
        ("work", STARTING, "no sign of life"),
    ]

    told = public_sentence(problems)

    assert told == "Not well: a part of this installation is started again and again."
    assert public_sentence([*problems, ("alarms", HUNG, "x")]).startswith("Not well: a part")
    assert "hangs" in public_sentence([*problems, ("alarms", HUNG, "x")])
    assert public_sentence([]) is None


def test_prometheus_sees_each_part_in_one_state_and_each_loop(file: PartStatesFile) -> None:
    registry = CollectorRegistry()
    registry.register(PartStatesCollector(file))
    assert generate_latest(registry) == b""
    well = Loop(name="tidy", state=WELL, sentence="", age_s=0.5, position=0, target=0, entry="")
    loops = [well, replace(well, name="rows", position=7, target=9)]
    file.write({"store": part(STUCK, "x", 3, loops=loops), "web": part()})

    lines = set(generate_latest(registry).decode().splitlines())

    states = {line for line in lines if line.startswith("tram_part_state{")}
    assert {line for line in states if line.endswith(" 1.0")} == {
        f'tram_part_state{{part="store",state="{STUCK}"}} 1.0',
        f'tram_part_state{{part="web",state="{WELL}"}} 1.0',
    }
    assert 'tram_part_restarts_total{part="store"} 3.0' in lines
    assert 'tram_part_position{loop="rows",part="store"} 7.0' in lines
    assert 'tram_part_target{loop="rows",part="store"} 9.0' in lines
    assert not [line for line in lines if "position" in line and "tidy" in line]
    assert 'tram_part_beat_age_seconds{loop="tidy",part="store"} 0.5' in lines
