"""The command on folders: two cores against one and against two busy loops, and how time and memory go with the number of documents."""

import os
import subprocess
import time
from pathlib import Path

import documents
from loops import WORK, run, say

CURVE = (10, 1000, 100_000)
SCALING = 4000


def archive(binaries: Path, count: int) -> dict[int, Path]:
    """Folders of so many documents, half OFD and half SM2 PDF, no two alike; the small ones are parts of the large one."""
    sources = [documents.made(binaries, kind, count // 2) for kind in ("ofd", "sm2.pdf")]
    kinds = ("ofd", "sm2.pdf")
    listed = [documents.files(folder, kind) for folder, kind in zip(sources, kinds, strict=True)]
    mixed = [file for pair in zip(*listed, strict=True) for file in pair]
    folders = {}
    for number in sorted({*CURVE, SCALING}):
        if number > count:
            continue
        folder = sources[0].parent / f"folder-{number}"
        if not documents.finished(folder).exists():
            folder.mkdir(exist_ok=True)
            for file in mixed[:number]:
                # The kinds number alike; a thousand to a folder, as archives are kept.
                place = folder / file.name[:3]
                place.mkdir(exist_ok=True)
                if not (place / file.name).exists():
                    (place / file.name).hardlink_to(file)
            documents.finished(folder).touch()
        folders[number] = folder
    return folders


def verify(command: list[str], folder: Path) -> dict[str, float]:
    start = time.perf_counter()
    spent, peak, code = documents.cpu_seconds([*command, str(folder)])
    wall = time.perf_counter() - start
    if code != 0:
        raise RuntimeError(f"cinnabar answered {code} about {folder.name}")
    return {"wall": wall, "cpu": spent, "peak": peak}


def best(old: dict | None, new: dict) -> dict:
    """The fastest run, and the highest peak of memory of any."""
    if not old:
        return new
    fastest = min(old, new, key=lambda told: told["wall"])
    return {**fastest, "peak": max(old["peak"], new["peak"])}


def busy(binaries: Path, cores: list[int], seconds: float) -> float:
    """Rounds a second of one busy loop on each of the cores, together."""
    loops = [
        subprocess.Popen(
            ["taskset", "-c", str(core), str(binaries / "bench-kernels"), "busy", str(seconds)], stdout=subprocess.PIPE, text=True
        )
        for core in cores
    ]
    return sum(int(loop.communicate()[0]) for loop in loops) / seconds


def measure(binaries: Path, everywhere: set[int], largest: int, rounds: int) -> dict:
    folders = archive(binaries, largest)
    command, cores = documents.cinnabar(binaries), sorted(everywhere)
    found: dict = {"curve": {}, "one": None, "all": None, "busy one": 0.0, "busy all": 0.0, "cores": len(cores)}
    scaled = folders.get(SCALING) or folders[max(folders)]
    found["scaled"] = int(scaled.name.rpartition("-")[2])
    for number in range(rounds):
        say(f"bulk: round {number + 1} of {rounds}")
        found["busy one"] = max(found["busy one"], busy(binaries, cores[-1:], 0.5))
        os.sched_setaffinity(0, {cores[-1]})
        found["one"] = best(found["one"], verify([*command, "--jobs", "1"], scaled))
        os.sched_setaffinity(0, everywhere)
        found["busy all"] = max(found["busy all"], busy(binaries, cores, 0.5))
        found["all"] = best(found["all"], verify(command, scaled))
    for number in CURVE:
        if number not in folders:
            continue
        # A short run is repeated; what starting costs is measured by one document.
        for _ in range(max(1, min(30, 20_000 // number))):
            found["curve"][number] = best(found["curve"].get(number), verify(command, folders[number]))
    one = next(file for file in sorted(folders[CURVE[0]].rglob("*.*")))
    found["start"] = None
    for _ in range(20):
        found["start"] = best(found["start"], verify(command, one))
    return found


def version(binaries: Path) -> str:
    return run(binaries / "cinnabar", "--version").stdout.strip()


__all__ = ["CURVE", "WORK", "measure", "version"]
