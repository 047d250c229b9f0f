"""The peers: how each is had by its package's name, and started. One that cannot be had raises NotRun."""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from loops import HERE, KEYS, WORK, Loop, NotRun, run

VENV = WORK / "venv"
# What the report calls a release, filled in as peers start.
versions: dict[str, str] = {}


def python() -> Path:
    """The Python of a virtual environment with the peers and the plotter in it."""
    interpreter, wanted = VENV / "bin/python", (HERE / "python/requirements.txt").read_text()
    installed = VENV / "installed"
    if installed.exists() and installed.read_text() == wanted:
        return interpreter
    if not interpreter.exists() and run(sys.executable, "-m", "venv", VENV).returncode != 0:
        raise NotRun("no virtual environment can be made")
    failed = []
    for requirement in wanted.split():
        if run(interpreter, "-m", "pip", "install", "-q", "--disable-pip-version-check", requirement).returncode != 0:
            failed.append(requirement)
    if not failed:
        installed.write_text(wanted)
    return interpreter


def has(module: str) -> None:
    if run(python(), "-c", f"import {module}").returncode != 0:
        raise NotRun(f"pip could not install {module}")


def version_of(package: str) -> str:
    return run(python(), "-c", f"import importlib.metadata as m; print(m.version('{package}'))").stdout.strip()


def classpath(name: str) -> str:
    """Jars that Maven brings, and our loops compiled against them."""
    if not shutil.which("mvn") or not shutil.which("javac"):
        raise NotRun("no Maven or no Java compiler here")
    pom, jars = HERE / f"java/{name}.xml", WORK / f"java/{name}.classpath"
    stale = not jars.exists() or jars.stat().st_mtime < pom.stat().st_mtime
    if stale or not all(Path(jar).exists() for jar in jars.read_text().strip().split(":")):
        made = run("mvn", "-B", "-ntp", "-q", "-f", pom, "dependency:build-classpath", f"-Dmdep.outputFile={jars}")
        if made.returncode != 0:
            raise NotRun("Maven could not fetch it")
    return jars.read_text().strip()


def java(name: str, loop: str, *options: str) -> list[str]:
    jars = classpath(name)
    classes = WORK / f"java/{name}"
    source, compiled = HERE / f"java/{loop}.java", classes / f"{loop}.class"
    if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
        if run("javac", "-cp", jars, "-d", classes, source).returncode != 0:
            raise NotRun("the loop around it does not compile")
    found = re.search(r'"(.+)"', run("java", "-version").stderr)
    versions["Java"] = found[1] if found else "?"
    jar = {"bouncycastle": "bcprov-jdk18on", "dss": "dss-pades", "ofdrw": "ofdrw-sign"}[name]
    release = re.search(rf"/{jar}-([\d.]+)\.jar", jars)
    versions[{"bouncycastle": "BouncyCastle", "dss": "EU DSS", "ofdrw": "ofdrw"}[name]] = release[1] if release else "?"
    return ["java", "-XX:+UseSerialGC", *options, "-cp", f"{classes}:{jars}", loop]


def rust(binaries: Path, vectors: Path) -> Loop:
    openssl = run("openssl", "version").stdout.split()[1:2]
    versions["OpenSSL"] = openssl[0] if openssl else "3"
    lock = (HERE / "Cargo.lock").read_text()
    for name in ("sm2", "sm3", "efficient-sm2", "libsm", "smcrypto", "sm-crypto", "ring"):
        found = re.search(rf'name = "{name}"\nversion = "([^"]+)"', lock)
        versions[name] = found[1] if found else "?"
    return Loop(binaries / "bench-kernels", "serve", vectors)


def gmsm(vectors: Path) -> Loop:
    if not shutil.which("go"):
        raise NotRun("no Go here (it needs 1.24 or later, which Debian 12 does not have)")
    program = WORK / "bench-go"
    built = run("go", "build", "-o", program, ".", cwd=HERE / "go")
    if built.returncode != 0:
        raise NotRun("Go could not fetch or build it (it needs 1.24 or later)")
    found = re.search(r"gmsm v([\d.]+)", (HERE / "go/go.mod").read_text())
    versions["gmsm"] = found[1] if found else "?"
    versions["Go"] = run("go", "version").stdout.split()[2].removeprefix("go")
    return Loop(program, vectors)


def gmssl(vectors: Path) -> Loop:
    has("gmssl")
    versions["GmSSL"] = f"as in gmssl-pyx {version_of('gmssl-pyx')}"
    versions["gmssl (pure Python)"] = version_of("gmssl")
    return Loop(python(), HERE / "python/gmssl_loop.py", vectors)


def bouncycastle(vectors: Path, warm: int) -> Loop:
    return Loop(*java("bouncycastle", "BouncyCastleLoop"), warm, vectors)


def pyhanko() -> Loop:
    has("pyhanko")
    versions["pyHanko"] = version_of("pyHanko")
    versions["Python"] = run(python(), "-c", "import platform; print(platform.python_version())").stdout.strip()
    return Loop(python(), HERE / "python/pyhanko_loop.py", KEYS / "rsa/root.crt")


def ofdrw(files: list[Path], warm: int) -> Loop:
    # ofdrw unpacks every document into a folder: let that be memory.
    unpacked = WORK / "unpacked" if not Path("/dev/shm").is_dir() else Path("/dev/shm")
    return Loop(*java("ofdrw", "OfdrwLoop", f"-Djava.io.tmpdir={unpacked}"), warm, *files)


def dss(files: list[Path], warm: int) -> Loop:
    lists = ",".join(str(KEYS / f"crl/rsa-{name}.crl") for name in ("root", "org-ca"))
    return Loop(*java("dss", "DssLoop"), KEYS / "rsa/root.crt", lists, warm, *files)


def pdfsig() -> list[str]:
    if not shutil.which("pdfsig"):
        raise NotRun("no poppler-utils here")
    found = re.search(r"version ([\d.]+)", run("pdfsig", "-v").stderr)
    versions["pdfsig"] = found[1] if found else "?"
    return ["pdfsig", "-nocert"]


def started(start: Callable[[], Loop], core: int) -> Loop | str:
    """A loop that is ready, or why there is none."""
    try:
        loop = start()
        loop.wait(core)
        return loop
    except NotRun as why:
        return str(why)
