"""The tools measured. Each can be asked whether it accepts a file, and how many CPU seconds a document takes in one round."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TRUST = ROOT / "keys-dev/trust.toml"
RSA_ROOT = ROOT / "keys-dev/rsa/root.crt"
INTEROP = ROOT / "tests/interop"
BUILT = ROOT / "target/interop"
# On one core the JVM needs most of this to compile what it runs; after 5 s it is still three times as slow.
WARM_UP_SECONDS = 60


class NotRun(Exception):
    """A peer that cannot be had, and why."""


def run(*command: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, errors="replace")


def cpu_seconds(command: list[str]) -> float:
    """Runs the command to its end: user and system time, starting it included."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} answered {process.returncode}")
    return usage.ru_utime + usage.ru_stime


class Each:
    """A process for every file."""

    how = "a process for each file"

    def __init__(self, name: str, command: list[str], files: list[Path], passes: int, says: str | None = None):
        self.name, self.command, self.files, self.passes, self.says = name, command, files, passes, says

    def accepts(self, file: Path) -> bool:
        answer = run(*self.command, file)
        return answer.returncode == 0 and (self.says is None or self.says in answer.stdout)

    def round(self) -> float:
        commands = [[*self.command, str(file)] for file in self.files] * self.passes
        return sum(cpu_seconds(command) for command in commands) / len(commands)

    def close(self) -> None:
        pass


class Folder(Each):
    """One process for a folder full of copies."""

    how = "one process, one thread"

    def __init__(self, name: str, command: list[str], folder: Path):
        super().__init__(name, command, [folder], 1)
        self.copies = len(list(folder.iterdir()))

    def round(self) -> float:
        return super().round() / self.copies


class Loop:
    """A process that is kept, warm, and asked by lines."""

    def __init__(self, name: str, how: str, command: list[str], files: list[Path], passes: int):
        self.name, self.how, self.files, self.passes = name, how, files, passes
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        if self.process.stdout.readline().strip() != "ready":
            raise NotRun("it did not start")

    def ask(self, *fields: object) -> str:
        self.process.stdin.write("\t".join(map(str, fields)) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def accepts(self, file: Path) -> bool:
        return self.ask("check", file) == "accepted"

    def round(self) -> float:
        return float(self.ask("round", self.passes, *self.files)) / (self.passes * len(self.files))

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def cinnabar(binaries: Path) -> list[str]:
    return [str(binaries / "cinnabar"), "verify", "--offline", "--format", "ndjson", "--trust", str(TRUST)]


def pyhanko(files: list[Path]) -> Loop:
    home = BUILT / "pyhanko"
    python = home / "bin/python"
    if not python.exists() and run(sys.executable, "-m", "venv", home).returncode != 0:
        raise NotRun("no virtual environment can be made")
    if run(python, "-m", "pip", "install", "-q", "-r", INTEROP / "requirements.txt").returncode != 0:
        raise NotRun("pip could not install it")
    ask = "import importlib.metadata as m, platform; print(m.version('pyHanko'), 'on Python', platform.python_version())"
    version = run(python, "-c", ask).stdout
    command = [str(python), str(HERE / "pyhanko_loop.py"), str(RSA_ROOT)]
    return Loop(f"pyHanko {version.strip()}", "library, one thread, warm", command, files, 6)


def ofdrw(files: list[Path]) -> Loop:
    if not shutil.which("mvn") or not shutil.which("javac"):
        raise NotRun("no Maven or no Java compiler here")
    if run("mvn", "-B", "-ntp", "-q", "compile", cwd=INTEROP / "java").returncode != 0:
        raise NotRun("Maven could not fetch or build it")
    classpath = (BUILT / "java/classpath").read_text().strip()
    classes = ROOT / "target/bench/java"
    if run("javac", "-cp", classpath, "-d", classes, HERE / "OfdrwLoop.java").returncode != 0:
        raise NotRun("the loop around it does not compile")
    ofdrw_version = re.search(r"ofdrw-sign-([\d.]+)\.jar", classpath)
    java_version = re.search(r'"(.+)"', run("java", "-version").stderr)
    # ofdrw unpacks every document into a folder: let that be memory.
    unpacked = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()
    command = ["java", f"-Djava.io.tmpdir={unpacked}", "-cp", f"{classes}:{classpath}", "OfdrwLoop", str(WARM_UP_SECONDS)]
    name = f"ofdrw {ofdrw_version[1] if ofdrw_version else ''} on Java {java_version[1] if java_version else ''}"
    return Loop(name, "library, one thread, JVM warm", [*command, *map(str, files)], files, 30)


def pdfsig(files: list[Path]) -> Each:
    if not shutil.which("pdfsig"):
        raise NotRun("no poppler-utils here")
    version = re.search(r"version ([\d.]+)", run("pdfsig", "-v").stderr)
    name = f"pdfsig {version[1] if version else ''} (Poppler)"
    return Each(name, ["pdfsig", "-nocert"], files, 10, says="Signature is Valid.")


def arithmetic_ours(binaries: Path) -> dict[str, float]:
    """Seconds for one SM2 verification and for SM3 of a byte."""
    lines = dict(line.split() for line in run(binaries / "cinnabar-arithmetic-bench").stdout.splitlines())
    return {"SM2 verify": float(lines["sm2-verify"]), "SM3": float(lines["sm3"]) / 16384}


def arithmetic_openssl() -> dict[str, float]:
    if not shutil.which("openssl"):
        raise NotRun("no openssl here")
    sm2 = run("openssl", "speed", "-seconds", "1", "-mr", "sm2").stdout
    sm3 = run("openssl", "speed", "-seconds", "1", "-mr", "-bytes", "16384", "-evp", "sm3").stdout
    verify, digest = re.search(r"^\+F7:.*:([\d.]+)$", sm2, re.M), re.search(r"^\+F:.*:([\d.]+)$", sm3, re.M)
    if not verify or not digest:
        raise NotRun("'openssl speed' does not know SM2 and SM3")
    return {"SM2 verify": 1 / float(verify[1]), "SM3": 1 / float(digest[1])}
