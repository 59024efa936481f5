"""Throw hostile devices, people, files and strangers at a running product, while neighbours go on.

    python tools/fuzz_product.py --seed 7 --minutes 30
    python tools/fuzz_product.py --again 7:d3:1234     one deed of an earlier run, as deeds.log names it

A product of its own is started. First the neighbours (50 devices, 3 people, a program) live alone, then
beside the attack. A finding is a message or notice of theirs lost, a refused page, a 5xx to anybody, a part
that was started again; the run also says by how much the neighbours' p99 grew: more than three times that
without attack, or more than five seconds, counts as well. Exit code 1 if anything was found.
"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent))

from tools.fuzzing.attack import Size, act_again, attack
from tools.fuzzing.findings import Findings
from tools.fuzzing.neighbours import KINDS, Neighbours, summary
from tools.fuzzing.scene import Scene, open_scene

__all__ = ("fuzz", "slow")

QUIET_S = 30.0
RATIO_MAX = 3.0
P99_S_MAX = 5.0
WATCH_S = 1.0
OVERTIME_S = 60.0
PHASES = ("quiet", "attack")


async def fuzz(
    scene: Scene, size: Size, seed: str, folder: Path
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Run both phases; return the neighbours' times by kind and phase, and the findings."""
    findings = Findings(folder, "neighbours")
    neighbours = Neighbours(scene, findings, 1)
    async with asyncio.TaskGroup() as group:
        group.create_task(neighbours.live())
        watching = group.create_task(_watch(scene, findings))
        await asyncio.sleep(size.quiet_s)
        neighbours.phase = "attack"
        exit_code = await _attack(scene, size, seed, folder)
        neighbours.end()
        watching.cancel()
    lost = await neighbours.unstored()
    if exit_code != 0:
        findings.add("attack", f"the attack itself ended with {exit_code}: see what it printed")
    if lost:
        findings.add("lost", f"{lost} acknowledged messages of the neighbours are not stored")
    findings.close()
    (folder / "slowest.log").write_text("\n".join(neighbours.slowest()) + "\n", encoding="utf-8")
    return summary(neighbours, PHASES), findings.all()


async def _attack(scene: Scene, size: Size, seed: str, folder: Path) -> int | None:
    """Let the attack run in a process of its own; return how it ended."""
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=attack, args=(scene, size, seed, folder), daemon=True)
    process.start()
    await asyncio.to_thread(process.join, size.attack_s + OVERTIME_S)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode


async def _watch(scene: Scene, findings: Findings) -> None:
    """Look every second whether a part was started again."""
    known: dict[str, int] = {}
    while True:
        await asyncio.sleep(WATCH_S)
        with contextlib.suppress(OSError, ValueError):
            restarts = scene.restarts()
            for part, count in restarts.items():
                if count > known.get(part, 0):
                    said = scene.last_words(part)
                    findings.add("restart", f"{part} was started again ({count}): {said}")
            known = restarts


def slow(rows: list[dict[str, Any]]) -> list[str]:
    """Return a sentence for each kind of answer that the attack made too slow."""
    p99_s = {(row["kind"], row["phase"]): row["p99_s"] for row in rows}
    said = []
    for kind in KINDS:
        quiet_s, attack_s = p99_s[kind, "quiet"], p99_s[kind, "attack"]
        if attack_s > P99_S_MAX or attack_s > RATIO_MAX * quiet_s:
            said.append(f"{kind}: p99 {quiet_s:.3f} s without, {attack_s:.3f} s with the attack")
    return said


def main() -> int:
    """Run as asked, print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seed", default=str(secrets.randbelow(10**6)), help="of all that is drawn"
    )
    parser.add_argument("--minutes", type=float, default=5.0, help="of attack")
    parser.add_argument("--quiet-s", type=float, default=QUIET_S, help="seconds without attack")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--keep", type=Path, help="a folder for deeds.log, slowest.log and findings.jsonl"
    )
    parser.add_argument("--again", help="the seed of one deed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tram-fuzz-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        with open_scene(Path(temporary, "data")) as scene:
            if options.again:
                act_again(scene, options.again, folder)
                answer = httpx.get(f"{scene.web_url}/health")
                print(f"health: {answer.status_code} {answer.text.strip()}; {scene.restarts()}")
                return 0
            print(f"seed {options.seed}", file=sys.stderr, flush=True)
            size = Size(options.quiet_s, options.minutes * 60)
            rows, found = asyncio.run(fuzz(scene, size, options.seed, folder))
        counts = json.loads((folder / "attack.json").read_text())
    said = slow(rows)
    result = {"seed": options.seed, "minutes": options.minutes, "neighbours": rows, "slow": said}
    result |= {**counts, "findings": found}
    print(json.dumps(result) if options.json else _table(result))
    return 1 if found or said else 0


def _table(result: dict[str, Any]) -> str:
    lines = [
        f"{row['kind']:8} {row['phase']:8} {row['count']:>8} answers   p99 {row['p99_s']} s"
        for row in result["neighbours"]
    ]
    lines += [
        f"deeds: {result['done']} in {result['cpu_s']} s of CPU",
        f"answers: {dict(sorted(result['answers'].items()))}",
    ]
    lines += [f"slow: {line}" for line in result["slow"]]
    for finding in result["findings"]:
        lines += [f"{finding['kind']}: {finding['what']}", f"    before: {finding['before'][-3:]}"]
    lines.append(f"seed {result['seed']}: {len(result['findings'])} findings")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
