#!/usr/bin/env python3
"""Measures Cinnabar and its peers in turns, in one run, and prints tables. Started by benches/run.sh.

A peer must accept every good input and refuse a corrupted one before it is timed. No figure makes this fail.
"""

import argparse
import datetime
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bulk  # noqa: E402
import documents  # noqa: E402
import figures  # noqa: E402
import instructions  # noqa: E402
import kernels  # noqa: E402
import machine  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402
from loops import HERE, WORK, Loop, NotRun, last_core, run, say  # noqa: E402

RESULTS = WORK / "results.json"
# The quick run leaves out what only shows the parts of a row.
QUICK_ROWS = ("1 KiB", "64 KiB", "batch of 64/", "one at a time", "1024 keys", "sm2 verify/")


def main() -> None:
    arguments = parse_arguments()
    WORK.mkdir(parents=True, exist_ok=True)
    if arguments.again:
        results = json.loads(RESULTS.read_text())
    elif arguments.quick:
        quick(arguments.binaries)
        return
    else:
        results = everything(arguments)
        RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1))
    print(report.markdown(results))
    for line in results["drift"]:
        say(f"drift: {line}")
    if arguments.write:
        if results["instructions"]:
            instructions.store(results["instructions"], results["machine"]["compiler"])
        report.write(results)
        say("written: benches/README.md, its plots, and instructions.toml")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, required=True, help="folder of the release binaries")
    parser.add_argument("--quick", action="store_true", help="less of everything, and one line a row: ratio ROW PEER VALUE")
    parser.add_argument("--again", action="store_true", help="make the report of the last run again, and measure nothing")
    parser.add_argument("--largest", type=int, default=100_000, help="documents in the largest folder (default: %(default)s)")
    parser.add_argument("--write", action="store_true", help="write benches/README.md, the plots and instructions.toml")
    return parser.parse_args()


def kernel_loops(binaries: Path, warm: int) -> dict[str, Loop | str]:
    """Started at once, so that the JVM warms up meanwhile."""
    vectors = kernels.vectors(binaries, WORK, run)
    loops: dict[str, Loop | str] = {}
    for name, start in {
        "BouncyCastle": lambda: peers.bouncycastle(vectors, warm),
        "gmsm": lambda: peers.gmsm(vectors),
        "GmSSL": lambda: peers.gmssl(vectors),
        "Rust": lambda: peers.rust(binaries, vectors),
    }.items():
        try:
            loops[name] = start()
        except NotRun as why:
            loops[name] = str(why)
    return loops


def settle(loops: dict[str, Loop | str], core: int) -> None:
    for name, loop in loops.items():
        if not isinstance(loop, str):
            try:
                loop.wait(core)
            except NotRun as why:
                loops[name] = str(why)


def close(loops: dict[str, Loop | str]) -> None:
    for loop in loops.values():
        if not isinstance(loop, str):
            loop.close()


def everything(arguments: argparse.Namespace) -> dict:
    binaries, everywhere, core = arguments.binaries, os.sched_getaffinity(0), last_core()
    results: dict = {"date": str(datetime.date.today()), "machine": machine.told(), "load": [os.getloadavg()[0]]}
    start = documents.Start(binaries, 1000, 60)
    loops = kernel_loops(binaries, 60)
    say("warming up the JVMs, a minute")
    settle(loops, core)
    start.ready(core)
    os.sched_setaffinity(0, {core})
    results["kernels"], results["not run"] = kernels.measure(loops, 12, 40)
    close(loops)
    results["documents"] = named(documents.measure(start.rows(), 12))
    demo = documents.demo_rows(start)
    results["demo"] = named(documents.measure(demo, 6))
    results["demo sizes"] = {
        documents.KINDS[row.kind]: [file.stat().st_size for file in row.good] for row in demo if row.tool == figures.OURS
    }
    start.close()
    results["sizes"] = {documents.KINDS[kind]: size for kind, size in documents.sizes(start).items()}
    results["hexadecimal"] = documents.hexadecimal(documents.files(start.folders["rsa.pdf"], "rsa.pdf")[0])
    os.sched_setaffinity(0, everywhere)
    results["bulk"] = bulk.measure(binaries, everywhere, arguments.largest, 5)
    vectors = kernels.vectors(binaries, WORK, run)
    results["instructions"], results["no instructions"] = instructions.measure(binaries, vectors, start.folders)
    results["stored"] = instructions.stored()
    results["drift"] = instructions.drift(results["instructions"])
    results["versions"] = peers.versions
    results["load"].append(os.getloadavg()[0])
    return results


def named(rows: list[dict]) -> list[dict]:
    return [{**row, "kind": documents.KINDS[row["kind"]]} for row in rows]


def quick(binaries: Path) -> None:
    """Within a minute, once all is built and made."""
    core = last_core()
    start = documents.Start(binaries, 1000, 12)
    loops = kernel_loops(binaries, 9)
    settle(loops, core)
    start.ready(core)
    os.sched_setaffinity(0, {core})
    wanted = lambda row: any(part in f"{row}/" for part in QUICK_ROWS) and not any(f", {b}" in row for b in figures.BACKENDS)  # noqa: E731
    results: dict = {}
    results["kernels"], results["not run"] = kernels.measure(loops, 4, 40, wanted)
    close(loops)
    results["documents"] = named(documents.measure(start.rows(), 4))
    start.close()
    for ratio in figures.kernel_ratios(results) + figures.document_ratios(results):
        print(ratio.line())


if __name__ == "__main__":
    main()
