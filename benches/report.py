"""The README: tables of one run, and the text around them."""

import figures
from figures import OURS, is_ours, per_second, said
from loops import HERE, NotRun, run, say

PLOTS = "plots"

CHECKS = """\
| tool | checks | does not check |
|---|---|---|
| Cinnabar | digests and signature values over the bytes as they stand; the seal: its maker's signature, its list of signers, its validity, its equality with the seal inside the signature; paths to the anchors of signer and seal maker; coverage; times; revocation by the lists that the trust set brings; policy | status: no evidence is at hand, and it uses no network |
| pyHanko | digest and value of the CMS; path to our RSA root; changes after signing | the electronic seal inside; revocation (fetching is off) |
| EU DSS | digest and value of the CMS; path to our RSA root; revocation by our lists; changes after signing; ETSI EN 319 102-1 under its own policy, with all its reports | the electronic seal inside |
| pdfsig `-nocert` | digest and value of the CMS; which bytes are signed | the path (it needs an NSS database of trusted roots); the electronic seal |
| ofdrw `OFDValidator` with `SESV4ValidateContainer` | arithmetic only: digest of every listed file and of Signature.xml; the SM2 value under the certificate that comes with it; equality of the two seals | the path and whom to trust; the seal maker's signature; signers listed in the seal; times; files that the signature does not list |
"""

METHOD = """\
- One run on one machine. The tools take turns, round after round, and the **fastest** sample of each counts: on a shared host that is
  the quiet state, and a mean says more about the neighbours. Kernels: 12 rounds, in each 40 ms of samples of 2 ms. Documents: 12 rounds.
- One thread on one core, to which every process is bound. Time is CPU time: of the thread for kernels, of the whole process for
  documents (garbage collection and reading the file included). The command's times are by the clock on the wall.
- Before it is timed, each tool must accept what is good and refuse it corrupted; every timed answer must be an acceptance.
- Kernels: neither Criterion nor Divan, which run one process and one row to its end; here processes in four languages take turns.
  All peers get the same signatures from one file: {vectors}.
  Ours are timed from DER to the answer. "Unknown key" includes reading the key and proving that it is on the curve.
- Documents: made by `benches/documents` with Cinnabar's own writers and the development keys, 1000 of each kind, no two alike; an
  OFD has on average {ofd}, an SM2 PDF {sm2}, an RSA PDF {rsa}.
- What favours Cinnabar: its engine met 64 other documents with the same seal and certificates before it was timed, so that links, lists
  and the seal are known and keys have their tables, as in a long run; the timed documents are new to it in every round. It verifies 64 at
  once, which the others cannot. Its tables of keys and base point exist before kernels are timed.
- What favours the peers: keys, and where there is no DER entry also signatures, are brought into their own form beforehand; GmSSL's
  cached form keeps its table; OpenSSL keeps a context a key; the JVMs have 60 s to warm up; pyHanko parses the root once; ofdrw unpacks into
  memory; pdfsig leaves certificates alone. Peers are built with the same profile as ours, for a processor without extensions, and
  choose their own paths at run time if they have any.
- GmSSL comes from the Python package gmssl-pyx, which was built without GmSSL's assembly: with it, it is several times as fast and close to
  gmsm, but no package brings that. Its functions are called through ctypes, which costs it about a microsecond a call.
- What is particular to these PDFs: the seal and the CMS stand in them as {hexadecimal:,} bytes of hexadecimal, which pyHanko reads byte by
  byte in Python.
- Instructions are counted by callgrind, under which a processor has AVX2 but no AVX-512: the widest paths are not counted.
- No test asserts a time.
"""


def markdown(results: dict) -> str:
    return f"""# Figures, beside other software

Made by `make bench WRITE=1` on {results["date"]}; do not edit. `make bench` measures again and prints; `make bench-quick` takes a minute
and prints a line for each row: `ratio ROW PEER VALUE`.

## What was promised

Each line is measured in this run; "at least" is how many times as fast as the peer Cinnabar has to be.

{promises(results)}
## SM2 verification, one thread

{verify(results)}
{plot("sm2", "SM2 verification")}
### On parts of the processor

{backends(results)}
{plot("backends", "Backends")}
## Digests, one thread, MB/s

{hashes(results)}
{plot("hashes", "Digests")}
## Documents verified in a second, one core

{documents(results["documents"])}
{plot("documents", "Documents")}
### The larger documents of the demo

{demo(results)}
## The command on folders

{bulk(results)}
{plot("bulk", "Bulk")}
## Instructions

{counted(results)}
{plot("instructions", "Instructions")}
## What was not run

{not_run(results)}
## What each of them checks

The tools do unlike work; a ratio compares the work as each does it.

{CHECKS}
## Method

{method(results)}
## Machine

{results["machine"]["machine"]}

Load when the run began and ended (one minute's average): {results["load"][0]:.1f} and {results["load"][-1]:.1f}.{busy(results["load"])}
Cinnabar at commit {results["machine"]["commit"]}, {results["machine"]["compiler"]}, `--release`.
Peers: {", ".join(f"{name} {version}" for name, version in results["versions"].items())}.
"""


def plot(name: str, title: str) -> str:
    return f"![{title}]({PLOTS}/{name}.svg)\n" if (HERE / PLOTS / f"{name}.svg").exists() else ""


def table(head: list[str], right: int, lines: list[list[str]]) -> str:
    """The last `right` columns are numbers."""
    marks = f"|{'---|' * (len(head) - right)}{'--:|' * right}\n"
    first, *rest = (f"| {' | '.join(line)} |\n" for line in (head, *lines))
    return first + marks + "".join(rest)


def times(value: float | None) -> str:
    if not value:
        return ""
    return f"{value:,.2f} ×" if value < 10 else f"{value:,.1f} ×"


def promises(results: dict) -> str:
    lines = []
    for one in figures.promises(results):
        verdict = "not run" if one.kept is None else "yes" if one.kept else "**no**"
        lines.append([one.what, one.ours, one.peer, one.theirs, one.least, times(one.value), verdict])
    return table(["what", "Cinnabar", "peer", "peer's", "at least", "measured", "kept"], 5, lines)


def verify(results: dict) -> str:
    kernels = results["kernels"]
    peers = sorted(((told["seconds"], peer) for peer, told in kernels.get("sm2 verify", {}).items()))
    # Columns for the fastest peers and the two that are named in the promises.
    shown = [peer for _, peer in peers if peer in ("gmsm", "GmSSL, cached key", "sm2 0.14", "OpenSSL")]
    lines = []
    for what, told in kernels.items():
        if what.startswith("sm2 verify,") and OURS in told:
            ours = told[OURS]["seconds"]
            ratios = [times(kernels["sm2 verify"][peer]["seconds"] / ours) for peer in shown]
            note = told[OURS]["note"]
            name = what.removeprefix("sm2 verify, ") + (f" ({note})" if note else "")
            lines.append([name, f"{ours * 1e6:.2f}", f"{1 / ours:,.0f}", *ratios])
    ours = table(["Cinnabar", "µs", "/s", *[f"against {peer}" for peer in shown]], 2 + len(shown), lines)
    lines = [[peer, f"{seconds * 1e6:,.1f}", f"{1 / seconds:,.0f}"] for seconds, peer in peers]
    return ours + "\n" + table(["peer, one at a time, key at hand", "µs", "/s"], 2, lines)


def backends(results: dict) -> str:
    rows = {what: told for what, told in results["kernels"].items() if what.startswith("sm2 verify,") and len(told) > 1}
    names = [name for name in figures.BACKENDS if any(f"{OURS}, {name}" in told for told in rows.values())]
    lines = []
    for what, told in rows.items():
        cells = [told.get(f"{OURS}, {name}") for name in names]
        lines.append([what.removeprefix("sm2 verify, "), *[f"{cell['seconds'] * 1e6:.2f}" if cell else "" for cell in cells]])
    return table(["µs", *names], len(names), lines)


def hashes(results: dict) -> str:
    kernels = results["kernels"]
    kept = {what: told for what, told in kernels.items() if what.startswith(("sm3", "sha256"))}
    peers: list[str] = []
    for told in kept.values():
        peers += [peer for peer in told if peer not in peers]
    peers.sort(key=lambda peer: (not is_ours(peer), peer != OURS))
    lines = []
    for what, told in kept.items():
        lines.append([what, *[f"{1e-6 / told[peer]['seconds']:,.0f}" if peer in told else "" for peer in peers]])
    return table(["", *peers], len(peers), sorted(lines))


def documents(rows: list[dict]) -> str:
    lines, ours = [], {}
    for row in rows:
        if "seconds" not in row:
            lines.append([row["kind"], row["tool"], f"not run: {row['reason']}", "", "", ""])
            continue
        seconds = row["seconds"]
        if is_ours(row["tool"]):
            ours[row["kind"]] = seconds
            lines.append([row["kind"], f"**{row['tool']}**", row["how"], f"{1 / seconds:,.0f}", f"{seconds * 1e3:.3f}", ""])
        else:
            ratio = times(seconds / ours[row["kind"]]) if row["kind"] in ours else ""
            lines.append([row["kind"], row["tool"], row["how"], f"{1 / seconds:,.0f}", f"{seconds * 1e3:.2f}", ratio])
    return table(["documents", "tool", "runs as", "documents/s", "ms each", "Cinnabar is"], 3, lines)


def demo(results: dict) -> str:
    if not results["demo"]:
        return "Not run: no documents in target/demo; `make demo` makes them.\n"
    sizes = "; ".join(f"{kind}: {', '.join(f'{size / 1000:.0f}' for size in of)} kB" for kind, of in results["demo sizes"].items())
    return f"Three of a kind, verified again and again ({sizes}).\n\n{documents(results['demo'])}"


def bulk(results: dict) -> str:
    told = results["bulk"]
    speedup, possible = figures.bulk_ratio(told)
    lines = []
    for count, run_ in sorted(told["curve"].items(), key=lambda pair: int(pair[0])):
        number, net = int(count), run_["wall"] - told["start"]["wall"]
        lines.append(
            [
                f"{number:,}", f"{run_['wall']:.2f}", f"{run_['wall'] / number * 1e3:.3f}", f"{net / number * 1e3:.3f}",
                f"{run_['cpu'] / number * 1e3:.3f}", f"{number / run_['wall']:,.0f}", f"{run_['peak'] / 1e6:.0f}",
            ]  # fmt: skip
        )
    head = ["documents", "s", "ms each", "without starting", "CPU ms each", "documents/s", "peak MB"]
    one, many = told["one"]["wall"], told["all"]["wall"]
    return (
        f"`cinnabar verify` on folders of these documents, half OFD and half SM2 PDF, all different, files in the page cache, NDJSON to nowhere; "
        f"all {told['cores']} cores. Starting the command and verifying one document takes {told['start']['wall'] * 1e3:.0f} ms.\n\n"
        f"{table(head, 6, lines)}\n"
        f"{told['scaled']:,} documents take {one:.2f} s on one core and {many:.2f} s on {told['cores']}: {speedup:.2f} × as fast. Two busy loops "
        f"that share nothing reached {possible:.2f} × in the same turns: {speedup / possible:.2f} of what can be had.\n"
    )


def counted(results: dict) -> str:
    if not results["instructions"]:
        return f"Not run: {results['no instructions']}.\n"
    lines = []
    for row, value in results["instructions"].items():
        before = results["stored"].get(row)
        lines.append([row.replace("/", ": "), f"{value:,.0f}", f"{value / before - 1:+.1%}" if before else ""])
    return table(["of one, counted by callgrind", "instructions", "since last written"], 2, lines)


def not_run(results: dict) -> str:
    lines = [f"- {name.replace('/', ': ')}: {reason}.\n" for name, reason in results["not run"].items()]
    lines += [f"- {row['kind']}, {row['tool']}: {row['reason']}.\n" for row in results["documents"] if "seconds" not in row]
    lines += [
        "- GmSSL with its assembly: no package builds it so.\n",
        "- gmssl-python (PyPI), gmssl and gmssl-sys (crates.io): bindings to a C library that no package repository here has.\n",
        "- Tongsuo (crates.io, tongsuo-src): builds for many minutes; its SM2 is slower than gmsm's.\n",
    ]
    return "".join(lines)


def method(results: dict) -> str:
    sizes = results["sizes"]
    vectors = "8 keys and 1024 signatures for the peers, up to 1024 keys for ours, messages of 32 bytes, the digest `e` given (BouncyCastle hashes)"
    return METHOD.format(
        vectors=vectors, ofd=sizes["SM2 OFD"], sm2=sizes["SM2 PDF"], rsa=sizes["RSA PDF"], hexadecimal=results["hexadecimal"]
    )


def busy(load: list[float]) -> str:
    if max(load) < 1.7:
        return ""
    return " About one of it is the run itself, the rest other work on the machine: figures by the clock on the wall are lower bounds."


def write(results: dict) -> None:
    import peers
    from bench import RESULTS

    folder = HERE / PLOTS
    folder.mkdir(exist_ok=True)
    try:
        peers.has("matplotlib")
        drawn = run(peers.python(), HERE / "plots.py", RESULTS, folder)
        if drawn.returncode != 0:
            say(f"no plots: {drawn.stderr.strip().splitlines()[-1]}")
    except NotRun as why:
        say(f"no plots: {why}")
    (HERE / "README.md").write_text(markdown(results))


__all__ = ["markdown", "per_second", "said", "write"]
