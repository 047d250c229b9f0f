"""Documents a second, on one core: every peer in turn on files that our generator made, no two alike."""

import hashlib
import math
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import peers
from loops import HERE, KEYS, ROOT, WORK, Loop, NotRun, run, say

KINDS = {"ofd": "SM2 OFD", "sm2.pdf": "SM2 PDF", "rsa.pdf": "RSA PDF"}
DEMO = ROOT / "target/demo"
# Known to our engine before it is timed: seals, certificates and lists are, the timed documents never are.
KNOWN = 64


def made(binaries: Path, kind: str, count: int) -> Path:
    """A folder of documents, kept for the next run as long as the generator and the keys are the same."""
    mark = hashlib.sha256()
    sources = [*sorted((HERE / "documents/src").glob("*.rs")), *sorted(KEYS.glob("*/*.crt")), ROOT / "fixtures/good.ofd"]
    for source in sources:
        mark.update(source.read_bytes())
    folder = WORK / f"documents-{mark.hexdigest()[:12]}/{kind}-{count}"
    done = finished(folder)
    if not done.exists():
        say(f"making {count} documents: {KINDS[kind]}")
        answer = run(binaries / "bench-documents", "make", kind, folder, count)
        if answer.returncode != 0:
            raise SystemExit(f"no documents: {answer.stderr}")
        done.touch()
    return folder


def finished(folder: Path) -> Path:
    """The mark that a folder was filled to its end."""
    return folder.with_name(f"{folder.name}.done")


def files(folder: Path, suffix: str) -> list[Path]:
    return sorted(file for file in folder.glob(f"*{suffix}") if "TAMPERED" not in file.name)


def tampered(folder: Path, suffix: str) -> list[Path]:
    return sorted(file for file in folder.glob(f"*TAMPERED*{suffix}"))


@dataclass
class Row:
    """A tool on documents of a kind."""

    kind: str
    tool: str
    how: str
    loop: object
    share: int
    best: float = math.inf
    reason: str = ""
    at: int = 0
    good: list[Path] = field(default_factory=list)
    bad: list[Path] = field(default_factory=list)

    def prove(self) -> None:
        """A tool that accepts everything, or nothing, is not timed."""
        if not self.loop:
            return
        wrong = [f"{file.name}: {answer}" for file in self.good[:4] if (answer := self.loop.ask("check", file)) != "accepted"]
        wrong += [f"{file.name}: accepted" for file in self.bad if self.loop.ask("check", file) == "accepted"]
        if wrong:
            self.loop, self.reason = None, f"wrong answer about {wrong[0][:90]}"

    def turn(self) -> None:
        if not self.loop:
            return
        taken = [self.good[(self.at + n) % len(self.good)] for n in range(self.share)]
        self.at = (self.at + self.share) % len(self.good)
        before = [*self.good[-KNOWN:], "--"] if isinstance(self.loop, Ours) else []
        try:
            spent = float(self.loop.ask("round", *before, *taken))
            self.best = min(self.best, spent / self.share) if spent > 0 else self.best
        except ValueError:
            self.loop, self.reason = None, "a timed answer was not an acceptance"


class Ours(Loop):
    """Cinnabar's library in a process of ours."""


class Command:
    """A process for every file."""

    def __init__(self, command: list[str], says: str):
        self.command, self.says = command, says

    def ask(self, what: str, *documents: object) -> str:
        if what == "check":
            answer = run(*self.command, *documents)
            return "accepted" if answer.returncode == 0 and self.says in answer.stdout else "refused"
        return str(sum(cpu_seconds([*self.command, str(file)])[0] for file in documents))

    def wait(self, core: int) -> None:
        pass

    def close(self) -> None:
        pass


def cpu_seconds(command: list[str]) -> tuple[float, int, float]:
    """Runs the command to its end: user and system time, peak memory in bytes, exit code."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, process.returncode


def cinnabar(binaries: Path) -> list[str]:
    return [str(binaries / "cinnabar"), "verify", "--offline", "--format", "ndjson", "--trust", str(KEYS / "trust.toml")]


class Start:
    """Starts everything that warms up at once, then lines the rows up."""

    def __init__(self, binaries: Path, count: int, warm: int):
        self.binaries = binaries
        self.folders = {kind: made(binaries, kind, count) for kind in KINDS}
        good = {kind: files(folder, kind) for kind, folder in self.folders.items()}
        self.loops: dict[str, object] = {}
        for name, start in {
            "ofdrw": lambda: peers.ofdrw(good["ofd"][:40], warm),
            "EU DSS": lambda: peers.dss(good["rsa.pdf"][:40], warm),
            "pyHanko": peers.pyhanko,
            "pdfsig": lambda: Command(peers.pdfsig(), "Signature is Valid."),
            "Cinnabar": lambda: Ours(binaries / "bench-documents", "serve"),
        }.items():
            try:
                self.loops[name] = start()
            except NotRun as why:
                self.loops[name] = str(why)

    def ready(self, core: int) -> None:
        for name, loop in self.loops.items():
            if not isinstance(loop, str):
                try:
                    loop.wait(core)
                except NotRun as why:
                    self.loops[name] = str(why)

    def rows(self) -> list[Row]:
        each = Command(cinnabar(self.binaries), "")
        library, warm = "library, one thread", "library, one thread, JVM warm"
        command = "a process for each file"
        table = [
            ("ofd", "Cinnabar", library, self.loops["Cinnabar"], 192),
            ("ofd", "ofdrw", warm, self.loops["ofdrw"], 30),
            ("rsa.pdf", "Cinnabar", library, self.loops["Cinnabar"], 192),
            ("rsa.pdf", "pyHanko", library, self.loops["pyHanko"], 3),
            ("rsa.pdf", "EU DSS", warm, self.loops["EU DSS"], 10),
            ("rsa.pdf", "Cinnabar, command", command, each, 8),
            ("rsa.pdf", "pdfsig", command, self.loops["pdfsig"], 8),
            ("sm2.pdf", "Cinnabar", library, self.loops["Cinnabar"], 192),
            ("sm2.pdf", "pyHanko, EU DSS, pdfsig", "", "they know no SM2 here", 0),
        ]
        rows = []
        for kind, tool, how, loop, share in table:
            row = Row(kind, tool, how, loop, share)
            if isinstance(loop, str):
                row.loop, row.reason = None, loop
            row.good, row.bad = files(self.folders[kind], kind), tampered(self.folders[kind], kind)
            rows.append(row)
        return rows

    def close(self) -> None:
        for loop in self.loops.values():
            if not isinstance(loop, str):
                loop.close()


def demo_rows(start: Start) -> list[Row]:
    """The same tools on the few larger documents of the demo, repeated; none if it was not run."""
    if not any(DEMO.glob("*.ofd")):
        return []
    suffixes = {"ofd": ".ofd", "sm2.pdf": "-sm2.pdf", "rsa.pdf": "-rsa.pdf"}
    rows = [row for row in start.rows() if row.loop and row.tool != "pdfsig" and "command" not in row.tool]
    for row in rows:
        row.good = files(DEMO, suffixes[row.kind])
        row.bad = [file for file in tampered(DEMO, ".pdf" if "pdf" in row.kind else ".ofd") if row.kind[:3] in file.name]
        # A JVM tells its CPU time in hundredths of a second.
        row.share = len(row.good) * (1 if row.tool == "pyHanko" else 10)
    return rows


def sizes(start: Start) -> dict[str, str]:
    said = {}
    for kind, folder in start.folders.items():
        bytes_of = [file.stat().st_size for file in files(folder, kind)]
        said[kind] = f"{sum(bytes_of) / len(bytes_of) / 1000:.1f} kB"
    return said


def measure(rows: list[Row], rounds: int) -> list[dict]:
    for row in rows:
        row.prove()
    for number in range(rounds):
        if number % 10 == 0:
            say(f"documents: round {number + 1} of {rounds}")
        for row in rows:
            row.turn()
    found = []
    for row in rows:
        told = {"kind": row.kind, "tool": row.tool, "how": row.how, "reason": row.reason}
        if math.isfinite(row.best):
            told["seconds"] = row.best
        found.append(told)
    return found


def hexadecimal(pdf: Path) -> int:
    return sum(map(len, re.findall(rb"<[0-9A-Fa-f\s]{1000,}>", pdf.read_bytes())))
