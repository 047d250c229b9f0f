"""Instructions that callgrind counts: a figure that no neighbour disturbs. Two runs differ in nothing but the work counted."""

import os
import re
import shutil
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import documents
from loops import HERE, WORK, NotRun, run, say

FILE = HERE / "instructions.toml"
# Row of bench-kernels, and how often it is run for the second count.
ROWS = {
    "sm2 verify, 8 keys, batch of 64": "Cinnabar, {backend}",
    "sm2 verify, prepared key, one at a time": "Cinnabar, {backend}",
    "sm2 verify, unknown key, one at a time": "Cinnabar, {backend}",
    "sm2 verify, unknown keys, batch of 64": "Cinnabar, {backend}",
}
PEERS = {"sm2 verify": ("sm2 0.14", "efficient-sm2")}
BACKENDS = ("portable", "adx", "avx2")
# A change of fewer is a compiler's mood.
DRIFT = 0.03


def count(*command: object) -> int:
    answer = run("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command, timeout=600)
    found = re.search(r"Collected : (\d+)", answer.stderr)
    if answer.returncode != 0 or not found:
        raise NotRun(answer.stderr.strip().splitlines()[-1][:120] if answer.stderr.strip() else "valgrind said nothing")
    return int(found[1])


def of_row(binaries: Path, vectors: Path, row: str) -> float:
    program = binaries / "bench-kernels"
    # Whether there is such a row is told before valgrind is started.
    least, most = 2, 6
    units = float(run(program, "once", row, 1, vectors).stdout or "nan")
    spent = [count(program, "once", row, times, vectors) for times in (least, most)]
    return (spent[1] - spent[0]) / (most - least) / units


def of_documents(binaries: Path, folder: Path, kind: str) -> float:
    """Of 64 documents under an engine that knows 64 others."""
    files = documents.files(folder, kind)[:128]
    program = binaries / "bench-documents"
    return (count(program, "once", 2, *files) - count(program, "once", 1, *files[:64])) / 64


def few(vectors: Path) -> Path:
    """The first signatures of each set: reading all takes valgrind longer than what is counted."""
    seen: Counter[str] = Counter()
    file = WORK / "vectors-few.txt"
    with file.open("w") as out:
        for line in vectors.open():
            name = line.partition(" ")[0]
            seen[name] += 1
            if seen[name] <= (512 if name == "eight" else 128):
                out.write(line)
    return file


def measure(binaries: Path, vectors: Path, folders: dict[str, Path]) -> tuple[dict[str, float], str]:
    """Instructions for one verification or one document; and why there are none."""
    if not shutil.which("valgrind"):
        return {}, "no valgrind here"
    vectors = few(vectors)
    rows = [f"{what}/{peer.format(backend=backend)}" for what, peer in ROWS.items() for backend in BACKENDS]
    rows += [f"{what}/{peer}" for what, who in PEERS.items() for peer in who]
    work = {row: lambda row=row: of_row(binaries, vectors, row) for row in rows}
    for kind, folder in folders.items():
        name = f"document/{documents.KINDS[kind]}"
        work[name] = lambda folder=folder, kind=kind: of_documents(binaries, folder, kind)
    say(f"instructions: {len(work)} rows")
    found = {}
    # Counts do not mind a neighbour, so all cores count.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = {row: pool.submit(act) for row, act in work.items()}
        for row, result in waiting.items():
            try:
                found[row] = result.result()
            except (NotRun, ValueError):
                # valgrind's processor lacks what this row needs.
                continue
    return found, "" if found else "valgrind could not run the programs"


def stored() -> dict[str, float]:
    return tomllib.loads(FILE.read_text()).get("instructions", {}) if FILE.exists() else {}


def drift(found: dict[str, float]) -> list[str]:
    """What differs from the checked-in counts by more than a compiler's mood."""
    said = []
    for row, before in stored().items():
        now = found.get(row)
        if now and abs(now / before - 1) > DRIFT:
            said.append(f"{row}: {before:,.0f} → {now:,.0f} instructions ({now / before - 1:+.1%})")
    return said


def store(found: dict[str, float], compiler: str) -> None:
    lines = "".join(f'"{row}" = {round(value)}\n' for row, value in found.items())
    FILE.write_text(
        "# Instructions for one verification or one document, counted by callgrind. Written by 'make bench WRITE=1'; 'make bench' tells\n"
        "# what differs. valgrind's processor has AVX2 and no AVX-512; counts differ a little from compiler to compiler.\n\n"
        f'compiler = "{compiler}"\n\n[instructions]\n{lines}'
    )
