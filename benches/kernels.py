"""Kernels: every peer in turn, round after round; of each row the fastest sample counts."""

import math
from pathlib import Path

from loops import Loop, say

# What our rows are compared with: the row of a peer that does the same thing in the one way it has.
VERIFY = "sm2 verify"


class Kernels:
    """Rows of all loops, checked before they are timed."""

    def __init__(self, loops: dict[str, Loop | str]):
        self.turns: list[tuple[Loop, str]] = []
        self.seconds: dict[str, float] = {}
        self.notes: dict[str, str] = {}
        self.not_run: dict[str, str] = {}
        for peer, loop in loops.items():
            if isinstance(loop, str):
                self.not_run[peer] = loop
                continue
            for row in loop.ask("rows").split("\t"):
                self.check(loop, row)

    def check(self, loop: Loop, row: str) -> None:
        status, _, note = loop.ask("check", row).partition("\t")
        if status != "ok":
            self.not_run[row] = status.removeprefix("not run: ") or "it stopped"
            return
        self.turns.append((loop, row))
        self.seconds[row] = math.inf
        self.notes[row] = note

    def round(self, milliseconds: int, only=lambda row: True) -> None:
        for loop, row in self.turns:
            if only(row):
                try:
                    self.seconds[row] = min(self.seconds[row], float(loop.ask("time", row, milliseconds)))
                except ValueError:
                    self.not_run[row] = "it stopped, or a timed answer was wrong"
        for row in self.not_run:
            self.seconds.pop(row, None)
        self.turns = [(loop, row) for loop, row in self.turns if row in self.seconds]

    def found(self) -> dict[str, dict]:
        """What → peer → figures."""
        rows: dict[str, dict] = {}
        for row, seconds in self.seconds.items():
            if math.isfinite(seconds):
                what, _, peer = row.rpartition("/")
                rows.setdefault(what, {})[peer] = {"seconds": seconds, "note": self.notes.get(row, "")}
        return rows


def measure(loops: dict[str, Loop | str], rounds: int, milliseconds: int, only=lambda row: True) -> tuple[dict, dict]:
    kernels = Kernels(loops)
    for number in range(rounds):
        if number % 10 == 0:
            say(f"kernels: round {number + 1} of {rounds}")
        kernels.round(milliseconds, only)
    return kernels.found(), kernels.not_run


def vectors(binaries: Path, work: Path, run) -> Path:
    file = work / "vectors.txt"
    if not file.exists() or file.stat().st_mtime < (binaries / "bench-kernels").stat().st_mtime:
        made = run(binaries / "bench-kernels", "vectors", file)
        if made.returncode != 0:
            raise SystemExit(f"no vectors: {made.stderr}")
    return file
