"""What a run is made on, and from."""

import os
from pathlib import Path

from loops import ROOT, run

# What the verifier is built from; the issuing half does not matter here.
BUILT_FROM = ("crates", "Cargo.lock", ":(exclude)crates/layout", ":(exclude)crates/issue")
EXTENSIONS = ("adx", "bmi2", "avx2", "avx512f", "avx512ifma", "sha_ni")


def told() -> dict[str, str]:
    return {"machine": machine(), "commit": commit(), "compiler": run("rustc", "--version", cwd=ROOT).stdout.split(" (")[0]}


def machine() -> str:
    cpu = fields("/proc/cpuinfo", ":")
    system = fields("/etc/os-release", "=").get("PRETTY_NAME", "").strip('"')
    memory = int(fields("/proc/meminfo", ":").get("MemTotal", "0 kB").split()[0]) / (1 << 20)
    flags = cpu.get("flags", "").split()
    virtual = ", a virtual machine on a shared host" if "hypervisor" in flags else ""
    extensions = [name for name in EXTENSIONS if name in flags]
    model = f"{cpu.get('model name', 'unknown processor')} (family {cpu.get('cpu family', '?')}, model {cpu.get('model', '?')})"
    return f"{model}, {os.cpu_count()} cores, {', '.join(extensions)}; {memory:.0f} GiB of memory{virtual}; {system}."


def fields(file: str, separator: str) -> dict[str, str]:
    lines = Path(file).read_text().splitlines() if Path(file).exists() else []
    pairs = (line.partition(separator) for line in lines if separator in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def commit() -> str:
    name = run("git", "rev-parse", "--short", "HEAD", cwd=ROOT).stdout.strip() or "unknown"
    changed = run("git", "status", "--porcelain", "--untracked-files=no", "--", *BUILT_FROM, cwd=ROOT).stdout.strip()
    return f"{name} with changes" if changed else name
