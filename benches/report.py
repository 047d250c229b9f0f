"""The tables and the text around them."""

import datetime
import math
import os
import re
from pathlib import Path

from tools import ROOT, WARM_UP_SECONDS, run

# What the verifier is built from; the issuing half does not matter here.
BUILT_FROM = ("crates", "Cargo.lock", ":(exclude)crates/layout", ":(exclude)crates/issue")

CHECKS = """\
| tool | checks | does not check |
|---|---|---|
| Cinnabar, `verify` with a trust set | digests and signature values over the bytes as they stand; the seal: its maker's signature, its list of signers, its validity, its equality with the seal inside the signature; paths to the anchors of signer and seal maker; coverage; times; revocation by the lists that the trust set brings; policy | status: no evidence is at hand, and it uses no network |
| pyHanko | digest and value of the CMS; path to our RSA root; changes after signing | the electronic seal inside; revocation (fetching is off) |
| pdfsig `-nocert` | digest and value of the CMS; which bytes are signed | the path (it needs an NSS database of trusted roots); the electronic seal |
| ofdrw `OFDValidator` with `SESV4ValidateContainer` | arithmetic only: digest of every listed file and of Signature.xml; the SM2 value under the certificate that comes with it; equality of the two seals | the path and whom to trust; the seal maker's signature; signers listed in the seal; times; files that the signature does not list |
"""

METHOD = """\
- One run on one machine: the tools take turns, {rounds} rounds, and the **best** round of each counts: on a shared host the best is the
  quiet state, and a mean says more about the neighbours.
- One thread means CPU time (user and system, of the whole process, reading the file included) on one core to which the tool is bound, so
  that waiting for others does not count. "All cores" is wall-clock time, and suffers most from others.
- Before it is timed, each tool must accept every document and refuse its tampered copy. Every timed answer must be an acceptance.
- The documents are the {documents} of `make demo` ({sizes}): {count} hard links to them for Cinnabar, repeated passes for the others.
- What favours Cinnabar: in one process it remembers the arithmetic of certificate links and lists, and {documents} documents repeated bring
  few of these. Digests, seal and signature values are computed for every copy. A process for each file remembers nothing.
- What favours the peers: pyHanko parses the root once; the JVM has {warm} s to warm up, and ofdrw unpacks its documents into memory;
  pdfsig leaves certificates alone. Peers, too, could run once for each core.
- What is particular to these documents: each PDF carries the seal with its picture, and the CMS, as {hexadecimal} bytes of hexadecimal on
  average. pyHanko reads hexadecimal byte by byte in Python, which is most of its time here; with small signatures it is faster.
- No test asserts a time.
"""


def markdown(rows, cores, core_count, arithmetic, load, arguments, documents) -> str:
    count = arguments.copies // 3 * 3
    files = {kind: len(of_kind) for kind, of_kind in documents.items()}
    sizes = "; ".join(
        f"{kind}: {', '.join(f'{file.stat().st_size / 1000:.0f}' for file in of_kind)} kB" for kind, of_kind in documents.items()
    )
    method = METHOD.format(
        rounds=arguments.rounds, documents=max(files.values()), sizes=sizes, count=count, warm=WARM_UP_SECONDS, hexadecimal=hexadecimal(documents["RSA PDF"])
    )
    return f"""# Figures, beside other software

Made by `make bench WRITE=1` on {datetime.date.today()}; do not edit. `make bench` measures again and prints.

## Documents verified in a second, one thread

{documents_table(rows)}
## On all cores ({core_count})

| documents | Cinnabar, documents/s | cores it got |
|---|--:|--:|
{"".join(f"| {kind} | {1 / seconds:,.0f} | {got:.1f} |{chr(10)}" for kind, (seconds, got) in cores.items())}
Where it got fewer cores than there are, others had the rest.

## Arithmetic, one thread

{arithmetic_table(*arithmetic)}
`cinnabar-sm` uses the RustCrypto crates `sm2` {locked("sm2")} and `sm3` {locked("sm3")}, portable Rust. A verification is of a message of 20 bytes under
one key, hashing included; `openssl speed` times the same, in samples of a second each, so that a neighbour disturbs it more.

## What each of them checks

The tools do unlike work; a ratio compares the work as each does it.

{CHECKS}
## Method

{method}
## Machine

{machine()}
Load when the run began and ended (one minute's average, cores: {core_count}): {load[0]:.1f} and {load[1]:.1f}.{busy(load)} Cinnabar at commit {commit()}, {compiler()},
`--release --no-default-features`.
"""


def documents_table(rows) -> str:
    lines = ["| documents | tool | runs as | documents/s | ms each | Cinnabar is |", "|---|---|---|--:|--:|--:|"]
    reference = math.inf
    for row in rows:
        if math.isinf(row.best):
            lines.append(f"| {row.kind} | {row.name} | not run: {row.reason} | | | |")
            continue
        if row.ours:
            reference = row.best
        name, ratio = (f"**{row.name}**", "") if row.ours else (row.name, compared(row.best / reference))
        lines.append(f"| {row.kind} | {name} | {row.how} | {1 / row.best:,.0f} | {row.best * 1e3:.2f} | {ratio} |")
    return "\n".join(lines) + "\n"


def arithmetic_table(ours: dict[str, float], openssl: dict[str, float]) -> str:
    version = run("openssl", "version").stdout.split()[1:2] if openssl else []
    lines = [f"| | Cinnabar | OpenSSL {' '.join(version)} | Cinnabar is |", "|---|--:|--:|--:|"]
    shown = {"SM2 verify": lambda s: f"{1 / s:,.0f} /s ({s * 1e6:.0f} µs)", "SM3": lambda s: f"{1e-6 / s:,.0f} MB/s"}
    for what, seconds in ours.items():
        other = openssl.get(what)
        theirs, ratio = (shown[what](other), compared(other / seconds)) if other else ("not run", "")
        lines.append(f"| {what} | {shown[what](seconds)} | {theirs} | {ratio} |")
    return "\n".join(lines) + "\n"


def compared(ratio: float) -> str:
    """Slower is said as such, not hidden in a fraction."""
    if ratio >= 1:
        return f"{ratio:.1f} × as fast" if ratio < 10 else f"{ratio:.0f} × as fast"
    return f"slower: takes {1 / ratio:.1f} × as long"


def busy(load: list[float]) -> str:
    if max(load) < 1.5:
        return ""
    return " About one of it is the run itself, the rest other work on the machine: the figures are lower bounds, those for all cores above all."


def machine() -> str:
    cpu = fields("/proc/cpuinfo", ":")
    system = fields("/etc/os-release", "=").get("PRETTY_NAME", "").strip('"')
    memory = int(fields("/proc/meminfo", ":").get("MemTotal", "0 kB").split()[0]) / (1 << 20)
    virtual = ", a virtual machine on a shared host" if "hypervisor" in cpu.get("flags", "") else ""
    extensions = [name for name in ("avx2", "avx512f", "adx", "sha_ni") if name in cpu.get("flags", "").split()]
    model = f"{cpu.get('model name', 'unknown processor')} (family {cpu.get('cpu family', '?')}, model {cpu.get('model', '?')})"
    return f"{model}, {os.cpu_count()} cores, {', '.join(extensions)}; {memory:.0f} GiB of memory{virtual}; {system}.\n"


def fields(file: str, separator: str) -> dict[str, str]:
    lines = Path(file).read_text().splitlines() if Path(file).exists() else []
    pairs = (line.partition(separator) for line in lines if separator in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def hexadecimal(pdfs: list[Path]) -> str:
    long = [match for pdf in pdfs for match in re.findall(rb"<[0-9A-Fa-f\s]{1000,}>", pdf.read_bytes())]
    return f"{sum(map(len, long)) // len(pdfs):,}"


def commit() -> str:
    name = run("git", "rev-parse", "--short", "HEAD", cwd=ROOT).stdout.strip() or "unknown"
    changed = run("git", "status", "--porcelain", "--untracked-files=no", "--", *BUILT_FROM, cwd=ROOT).stdout.strip()
    return f"{name} with changes" if changed else name


def compiler() -> str:
    return run("rustc", "--version", cwd=ROOT).stdout.split(" (")[0]


def locked(package: str) -> str:
    lock = (ROOT / "benches/arithmetic/Cargo.lock").read_text()
    found = re.search(rf'name = "{package}"\nversion = "([^"]+)"', lock)
    return found[1] if found else "?"
