"""A plot for each table. Usage: plots.py RESULTS.json FOLDER, under the Python that has matplotlib."""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update(
    {"svg.hashsalt": "cinnabar", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "figure.facecolor": "white"}
)

import matplotlib.pyplot as plt  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))

from figures import OURS, is_ours  # noqa: E402

CINNABAR, OTHERS = "#c23b22", "#8a94a0"


def bars(title: str, unit: str, rows: list[tuple[str, float]], file: Path, said) -> None:
    """Horizontal bars on a logarithmic scale, the best at the top."""
    figure, axes = plt.subplots(figsize=(8, 0.9 + 0.26 * len(rows)))
    names = [name for name, _ in rows]
    values = [value for _, value in rows]
    axes.barh(range(len(rows)), values, color=[CINNABAR if is_ours(name) else OTHERS for name in names], height=0.72)
    axes.set_yticks(range(len(rows)), names)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(min(values) / 2, max(values) * 3)
    axes.set_xlabel(unit)
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold")
    for place, value in enumerate(values):
        axes.text(value * 1.06, place, said(value), va="center", fontsize=8)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def verify(results: dict, folder: Path) -> None:
    kernels = results["kernels"]
    rows = []
    for what, told in kernels.items():
        if what.startswith("sm2 verify,") and OURS in told:
            rows.append((f"{OURS}, {what.removeprefix('sm2 verify, ')}", told[OURS]["seconds"] * 1e6))
    rows += [(peer, told["seconds"] * 1e6) for peer, told in kernels.get("sm2 verify", {}).items()]
    rows.sort(key=lambda row: row[1])
    bars("One SM2 verification, one thread: shorter is better", "µs, logarithmic", rows, folder / "sm2.svg", lambda v: f"{v:,.1f}")


def backends(results: dict, folder: Path) -> None:
    kernels = results["kernels"]
    rows = []
    for what, told in kernels.items():
        if what.startswith("sm2 verify,"):
            for peer, figure in told.items():
                if peer != OURS:
                    rows.append((f"{peer}: {what.removeprefix('sm2 verify, ')}", figure["seconds"] * 1e6))
    if rows:
        bars("The same on parts of the processor", "µs, logarithmic", rows, folder / "backends.svg", lambda v: f"{v:,.1f}")


def hashes(results: dict, folder: Path) -> None:
    rows = []
    for algorithm, name in (("sm3", "SM3"), ("sha256", "SHA-256")):
        for what, told in results["kernels"].items():
            if what.startswith(algorithm) and ("64 KiB" in what or "1 KiB to" in what):
                kind = what.removeprefix(f"{algorithm} ")
                rows += [(f"{peer}: {name}, {kind}", 1e-6 / figure["seconds"]) for peer, figure in told.items()]
    rows.sort(key=lambda row: -row[1])
    bars("Digests, one thread: longer is better", "MB/s, logarithmic", rows, folder / "hashes.svg", lambda v: f"{v:,.0f}")


def documents(results: dict, folder: Path) -> None:
    rows = [
        (f"{row['tool']}: {row['kind']} ({row['how']})", 1 / row["seconds"]) for row in results["documents"] if "seconds" in row
    ]
    bars("Documents of about 40 kB verified in a second, one core", "documents/s, logarithmic", rows, folder / "documents.svg", lambda v: f"{v:,.0f}")


def curve(results: dict, folder: Path) -> None:
    bulk = results.get("bulk")
    if not bulk:
        return
    counts = sorted(map(int, bulk["curve"]))
    told = [bulk["curve"][str(count)] if str(count) in bulk["curve"] else bulk["curve"][count] for count in counts]
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
    wall = [run["wall"] / count * 1e3 for run, count in zip(told, counts, strict=True)]
    net = [(run["wall"] - bulk["start"]["wall"]) / count * 1e3 for run, count in zip(told, counts, strict=True)]
    left.plot(counts, wall, "o--", color=OTHERS, label="with starting the command")
    left.plot(counts, net, "o-", color=CINNABAR, label="without")
    left.set_xscale("log")
    left.set_ylim(0, max(wall) * 1.15)
    left.set_title("ms for a document, all cores", loc="left", fontsize=10, fontweight="bold")
    left.set_xlabel("documents")
    left.legend(frameon=False)
    right.plot(counts, [run["peak"] / 1e6 for run in told], "o-", color=CINNABAR)
    right.axhline(300, color=OTHERS, linestyle="--", linewidth=1)
    right.set_xscale("log")
    right.set_ylim(0, 330)
    right.set_title("peak memory, MB", loc="left", fontsize=10, fontweight="bold")
    right.set_xlabel("documents")
    figure.tight_layout()
    figure.savefig(folder / "bulk.svg", metadata={"Date": None})
    plt.close(figure)


def counts(results: dict, folder: Path) -> None:
    rows = sorted(results["instructions"].items(), key=lambda row: row[1])
    if rows:
        named = [(name.replace("/", ": "), value) for name, value in rows]
        named = [(f"{OURS} {name}" if name.startswith("document") else name, value) for name, value in named]
        swapped = [(": ".join(reversed(name.split(": ", 1))), value) for name, value in named]
        bars("Instructions for one (callgrind)", "instructions, logarithmic", swapped, folder / "instructions.svg", lambda v: f"{v:,.0f}")


def main() -> None:
    results, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    for plot in (verify, backends, hashes, documents, curve, counts):
        plot(results, folder)


main()
