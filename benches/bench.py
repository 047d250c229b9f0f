#!/usr/bin/env python3
"""Measures Cinnabar and its peers on the same files, in turns, and prints tables. Started by benches/run.sh.

Every tool must accept each document and refuse its tampered copy before it is timed. No figure makes this fail.
"""

import argparse
import math
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import report  # noqa: E402
import tools  # noqa: E402

DEMO = tools.ROOT / "target/demo"
WORK = tools.ROOT / "target/bench"
KINDS = {"RSA PDF": "-rsa.pdf", "SM2 PDF": "-sm2.pdf", "SM2 OFD": ".ofd"}


@dataclass
class Row:
    """A line of the table. A peer is compared with the row of ours above it."""

    kind: str
    name: str
    how: str
    tool: object = None
    ours: bool = False
    reason: str = ""
    best: float = math.inf


def main() -> None:
    arguments = parse_arguments()
    everywhere = os.sched_getaffinity(0)
    load = [os.getloadavg()[0]]
    documents = {kind: snapshot(kind) for kind in KINDS}
    folders = {kind: copies(kind, files, arguments.copies) for kind, files in documents.items()}
    # One core, the last one, for all that follows; children inherit it.
    os.sched_setaffinity(0, {max(everywhere)})
    rows = line_up(arguments.binaries, documents, folders)
    for row in rows:
        prove(row, documents[row.kind])
    running = [row for row in rows if row.tool]
    cores = {kind: (math.inf, 0.0) for kind in KINDS}
    ours, openssl = {}, {}
    for number in range(arguments.rounds):
        say(f"round {number + 1} of {arguments.rounds}")
        for row in running:
            measured(row)
        os.sched_setaffinity(0, everywhere)
        for kind in KINDS:
            cores[kind] = min(cores[kind], wall(tools.cinnabar(arguments.binaries), folders[kind]))
        os.sched_setaffinity(0, {max(everywhere)})
        if number % 2 == 0:
            fewest(ours, lambda: tools.arithmetic_ours(arguments.binaries))
            fewest(openssl, tools.arithmetic_openssl)
    for row in running:
        row.tool.close()
    load.append(os.getloadavg()[0])
    text = report.markdown(rows, cores, len(everywhere), (ours, openssl), load, arguments, documents)
    print(text)
    if arguments.write:
        (tools.HERE / "README.md").write_text(text)
        say("written to benches/README.md")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, required=True, help="folder of the release binaries")
    parser.add_argument("--rounds", type=int, default=10, help="how often each tool has its turn (default: %(default)s)")
    parser.add_argument("--copies", type=int, default=600, help="documents in a folder (default: %(default)s)")
    parser.add_argument("--write", action="store_true", help="write benches/README.md")
    return parser.parse_args()


def say(text: str) -> None:
    print(f"   {text}", file=sys.stderr, flush=True)


def snapshot(kind: str) -> list[Path]:
    """The documents of a kind, copied so that a demo running meanwhile changes nothing; tampered copies beside them."""
    folder = WORK / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    for file in sorted(DEMO.glob(f"*{KINDS[kind]}")):
        if "TAMPERED" not in file.name:
            shutil.copy(file, folder)
            shutil.copy(tampered(file), folder)
            taken.append(folder / file.name)
    return taken


def tampered(file: Path) -> Path:
    return file.with_name(f"{file.stem}-TAMPERED{file.suffix}")


def copies(kind: str, files: list[Path], count: int) -> Path:
    """A folder of hard links to the documents, each as often."""
    folder = WORK / f"folder{KINDS[kind].replace('.', '-')}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for number in range(count // len(files) * len(files)):
        file = files[number % len(files)]
        (folder / f"{number:06}{file.suffix}").hardlink_to(file)
    return folder


def line_up(binaries: Path, documents: dict[str, list[Path]], folders: dict[str, Path]) -> list[Row]:
    command = tools.cinnabar(binaries)

    def ours(kind: str, tool: tools.Each) -> Row:
        return Row(kind, tool.name, tool.how, tool, ours=True)

    def peer(kind: str, name: str, start: Callable[[list[Path]], object]) -> Row:
        say(f"starting {name}")
        try:
            tool = start(documents[kind])
            return Row(kind, tool.name, tool.how, tool)
        except tools.NotRun as why:
            return Row(kind, name, "", reason=str(why))

    rsa, sm2, ofd = KINDS
    unknown = "knows no SM2"
    return [
        ours(rsa, tools.Folder("Cinnabar", command, folders[rsa])),
        peer(rsa, "pyHanko", tools.pyhanko),
        ours(rsa, tools.Each("Cinnabar", command, documents[rsa], 10)),
        peer(rsa, "pdfsig", tools.pdfsig),
        ours(ofd, tools.Folder("Cinnabar", command, folders[ofd])),
        peer(ofd, "ofdrw", tools.ofdrw),
        ours(sm2, tools.Folder("Cinnabar", command, folders[sm2])),
        Row(sm2, "pyHanko, pdfsig", "", reason=unknown),
    ]


def prove(row: Row, files: list[Path]) -> None:
    """A tool that accepts everything, or nothing, is not timed."""
    if not row.tool:
        return
    wrong = [file.name for file in files if not row.tool.accepts(file)]
    wrong += [tampered(file).name for file in files if row.tool.accepts(tampered(file))]
    if wrong:
        row.tool.close()
        row.tool, row.reason = None, f"wrong answer about {', '.join(wrong)}"


def measured(row: Row) -> None:
    if row.tool:
        row.best = min(row.best, row.tool.round())


def wall(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds for a document by the clock on the wall, and how many cores were to be had."""
    start = time.perf_counter()
    spent = tools.cpu_seconds([*command, str(folder)])
    elapsed = time.perf_counter() - start
    return elapsed / len(list(folder.iterdir())), spent / elapsed


def fewest(into: dict[str, float], measure: Callable[[], dict[str, float]]) -> None:
    try:
        for what, seconds in measure().items():
            into[what] = min(into.get(what, math.inf), seconds)
    except tools.NotRun:
        pass


if __name__ == "__main__":
    main()
