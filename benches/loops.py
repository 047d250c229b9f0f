"""Processes that are kept, warm and on one core, and asked by lines; and what is done when one cannot be had."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WORK = ROOT / "target/bench"
KEYS = ROOT / "keys-dev"


class NotRun(Exception):
    """A peer that cannot be had, and why."""


def run(*command: object, cwd: Path | None = None, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    words = [str(part) for part in command]
    try:
        return subprocess.run(words, cwd=cwd, capture_output=True, text=True, errors="replace", timeout=timeout)
    except (OSError, subprocess.TimeoutExpired) as fault:
        return subprocess.CompletedProcess(words, 127, "", str(fault))


def say(text: str) -> None:
    print(f"   {text}", file=sys.stderr, flush=True)


def last_core() -> int:
    return max(os.sched_getaffinity(0))


class Loop:
    """One such process. It warms up on all cores, as soon as it is started; `wait` binds it to the last one."""

    def __init__(self, *command: object):
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if "-" in command else subprocess.DEVNULL,
            text=True,
        )

    def wait(self, core: int) -> None:
        if self.process.stdout.readline().strip() != "ready":
            raise NotRun("it did not start")
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                os.sched_setaffinity(int(task.name), {core})
            except (OSError, ValueError):
                continue

    def ask(self, *fields: object) -> str:
        try:
            self.process.stdin.write("\t".join(map(str, fields)) + "\n")
            self.process.stdin.flush()
            return self.process.stdout.readline().strip()
        except (OSError, ValueError):
            return "not run: it stopped"

    def close(self) -> None:
        try:
            self.process.stdin.close()
        except OSError:
            pass
        self.process.wait()
