"""What the measurements come to: ratios row by row, and the table of what was promised."""

from dataclasses import dataclass

OURS = "Cinnabar"
# Peers that are Cinnabar on a part of the processor.
BACKENDS = ("portable", "adx", "avx2", "avx512", "ifma")
VERIFY = "sm2 verify"
LABELS = ("1 KiB", "64 KiB", "1 MiB")


@dataclass
class Ratio:
    """How many times as fast ours is in a row as a peer; or why there is no telling."""

    row: str
    peer: str
    value: float | None
    reason: str = ""

    def line(self) -> str:
        value = f"{self.value:.2f}" if self.value else f"not-run ({self.reason})"
        return f"ratio {slug(self.row)} {slug(self.peer)} {value}"


def slug(text: str) -> str:
    return "-".join("".join(c if c.isalnum() or c in ".+" else " " for c in text).split()).lower()


def is_ours(peer: str) -> bool:
    return peer.startswith(OURS)


def peers_of(what: str, kernels: dict) -> dict[str, float]:
    """Who does what a row of ours does, and in how many seconds."""
    if what.startswith("sm2 verify"):
        rows = [VERIFY]
    elif what.startswith("sm3 many streams") or what.startswith("sha256 many streams"):
        # One stream after the other is all that they have; for unequal lengths, at their best length.
        algorithm, label = what.split(" ", 1)[0], what.rpartition(", ")[2]
        rows = [f"{algorithm} one stream, {label if label in LABELS else '1 MiB'}"]
    else:
        rows = [what]
    found: dict[str, float] = {}
    for row in rows:
        for peer, told in kernels.get(row, {}).items():
            if not is_ours(peer):
                found[peer] = told["seconds"]
    return found


def kernel_ratios(results: dict) -> list[Ratio]:
    ratios = []
    kernels, not_run = results["kernels"], results["not run"]
    for what, told in kernels.items():
        if OURS not in told:
            continue
        ours = told[OURS]["seconds"]
        peers = peers_of(what, kernels)
        ratios += [Ratio(what, peer, seconds / ours) for peer, seconds in sorted(peers.items(), key=lambda pair: pair[1])]
    ratios += [Ratio(VERIFY, peer, None, reason) for peer, reason in not_run.items()]
    return ratios


def document_ratios(results: dict) -> list[Ratio]:
    ratios = []
    ours: dict[str, float] = {}
    for row in results["documents"]:
        if is_ours(row["tool"]):
            ours[row["kind"]] = row.get("seconds")
            continue
        name = f"document {row['kind']}"
        if "seconds" in row and ours.get(row["kind"]):
            ratios.append(Ratio(name, row["tool"], row["seconds"] / ours[row["kind"]]))
        else:
            ratios.append(Ratio(name, row["tool"], None, row["reason"] or "Cinnabar was not"))
    return ratios


def bulk_ratio(bulk: dict) -> tuple[float, float]:
    """Speed-up of the command by the second core, and what two busy loops reach."""
    return bulk["one"]["wall"] / bulk["all"]["wall"], bulk["busy all"] / bulk["busy one"]


@dataclass
class Promise:
    what: str
    ours: str
    peer: str
    theirs: str
    least: str
    value: float | None
    kept: bool | None


def promises(results: dict) -> list[Promise]:
    """The table that speed was promised by, each line measured in this run."""
    kernels, found = results["kernels"], []

    def kernel(what: str, row: str, wanted: list[tuple[str, float]], rate: bool = False) -> None:
        ours = kernels.get(row, {}).get(OURS, {}).get("seconds")
        theirs = peers_of(row, kernels)
        for peer, least in wanted:
            name = min(theirs, key=theirs.get) if peer == "the fastest" and theirs else peer
            other = theirs.get(name)
            value = other / ours if ours and other else None
            found.append(
                Promise(what, said(ours, rate), name, said(other, rate), f"{least:g} ×", value, value >= least if value else None)
            )

    fast = "GmSSL, cached key"
    kernel("SM2 verify from DER, batch of 64, 1 hot key", "sm2 verify, 1 key, batch of 64", [("gmsm", 12)])
    kernel("the same, 8 hot keys", "sm2 verify, 8 keys, batch of 64", [("gmsm", 12), (fast, 12)])
    kernel("the same, 64 keys", "sm2 verify, 64 keys, batch of 1024", [("gmsm", 9), (fast, 9)])
    kernel("the same, 1024 keys", "sm2 verify, 1024 keys, batch of 1024", [("gmsm", 9), (fast, 9)])
    kernel("SM2 verify, prepared key, one at a time", "sm2 verify, prepared key, one at a time", [("gmsm", 5), (fast, 5)])
    kernel("SM2 verify, unknown key", "sm2 verify, unknown key, one at a time", [("the fastest", 1)])
    kernel("SM2 verify, batch", "sm2 verify, 8 keys, batch of 64", [("sm2 0.14", 42), ("OpenSSL", 60)])
    for label in (*LABELS, "1 KiB to 1 MiB"):
        kernel(f"SM3, many streams of {label}", f"sm3 many streams, {label}", [("the fastest", 6)], rate=True)
    for label in LABELS:
        kernel(f"SM3, one stream of {label}", f"sm3 one stream, {label}", [("the fastest", 1)], rate=True)
    speed = {(row["kind"], row["tool"]): row.get("seconds") for row in results["documents"]}
    for kind, peer in (("SM2 OFD", "ofdrw"), ("RSA PDF", "pyHanko"), ("RSA PDF", "EU DSS")):
        ours, other = speed.get((kind, OURS)), speed.get((kind, peer))
        value = other / ours if ours and other else None
        found.append(
            Promise(f"{kind} of about 40 kB, in process, one core", per_second(ours), peer, per_second(other), "50 ×", value, value and value >= 50)
        )
    ofd = speed.get(("SM2 OFD", OURS))
    if ofd:
        found.append(Promise("the same OFD", per_second(ofd), "(absolute)", "", "3000 /s", 1 / ofd / 3000, 1 / ofd >= 3000))
    bulk = results.get("bulk")
    if bulk:
        speedup, possible = bulk_ratio(bulk)
        found.append(
            Promise(
                f"command, {bulk['cores']} cores against one, {bulk['scaled']:,} documents", f"{speedup:.2f} ×", "busy loops",
                f"{possible:.2f} ×", "0.95 ×", speedup / possible, speedup / possible >= 0.95,
            )  # fmt: skip
        )
        largest = max(bulk["curve"], key=int)
        peak = bulk["curve"][largest]["peak"] / 1e6
        found.append(
            Promise(f"peak memory, {int(largest):,} documents", f"{peak:.0f} MB", "(absolute)", "", "under 300 MB", 300 / peak, peak < 300)
        )
    return found


def said(seconds: float | None, rate: bool) -> str:
    if not seconds:
        return "not run"
    if rate:
        return f"{1e-6 / seconds:,.0f} MB/s"
    return f"{seconds * 1e6:.2f} µs" if seconds < 1e-4 else f"{seconds * 1e6:,.0f} µs"


def per_second(seconds: float | None) -> str:
    return f"{1 / seconds:,.0f} /s" if seconds else "not run"
