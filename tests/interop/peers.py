"""One function a peer: each takes the case and yields what that peer said. A peer that is not there says `not run`."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pdf_signature import last_signature

HERE = Path(__file__).parent
TAMPERED = "TAMPERED"
GO_NEEDED = (1, 24)


@dataclass(frozen=True)
class Outcome:
    peer: str
    check: str
    document: str
    status: str
    detail: str


@dataclass
class Case:
    """The documents to ask about, the development keys, and a folder to work in."""

    documents: list[Path]
    keys: Path
    work: Path
    signatures: dict[Path, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.work.mkdir(parents=True, exist_ok=True)
        for pdf in self.pdfs():
            try:
                self.signatures[pdf] = last_signature(pdf.read_bytes())
            except ValueError:
                self.signatures[pdf] = None

    def ofds(self) -> list[Path]:
        return [file for file in self.documents if file.suffix == ".ofd"]

    def pdfs(self) -> list[Path]:
        return [file for file in self.documents if file.suffix == ".pdf"]

    def sm2_pdfs(self) -> list[Path]:
        return [pdf for pdf in self.pdfs() if self.signatures[pdf] and self.signatures[pdf].is_sm2]

    def rsa_pdfs(self) -> list[Path]:
        return [pdf for pdf in self.pdfs() if self.signatures[pdf] and not self.signatures[pdf].is_sm2]


def is_tampered(document: str) -> bool:
    return TAMPERED in document


def judged(peer: str, check: str, document: str, accepted: bool, detail: str) -> Outcome:
    """A signature check of a tampered copy is well answered by a refusal."""
    detail = " ".join(detail.split())
    if check == "signature" and is_tampered(document):
        return Outcome(peer, check, document, "failed" if accepted else "ok", f"refused, as it should: {detail}" if not accepted else detail)
    return Outcome(peer, check, document, "ok" if accepted else "failed", detail)


def not_run(peer: str, check: str, reason: str, document: str = "all") -> Outcome:
    return Outcome(peer, check, document, "not run", reason)


def run(*command: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, errors="replace", timeout=900)


def last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def from_json_lines(text: str) -> Iterator[Outcome]:
    for line in text.splitlines():
        said = json.loads(line)
        yield judged(said["peer"], said["check"], said["file"], said["accepted"], said["detail"])


def java(case: Case) -> Iterator[Outcome]:
    """ofdrw (OFD: signature, rendering) and veraPDF (PDF/A-2b), both from Maven Central."""
    if not shutil.which("mvn"):
        yield not_run("ofdrw", "signature, rendering", "no Maven here")
        yield not_run("veraPDF", "PDF/A-2b", "no Maven here")
        return
    build = run("mvn", "-B", "-ntp", "-q", "compile", cwd=HERE / "java")
    target = HERE.parent.parent / "target/interop/java"
    if build.returncode != 0:
        reason = f"Maven could not build the peers: {first_error(build.stdout)}"
        yield not_run("ofdrw", "signature, rendering", reason)
        yield not_run("veraPDF", "PDF/A-2b", reason)
        return
    classes = f"{target / 'classes'}:{(target / 'classpath').read_text().strip()}"
    files = case.ofds() + [pdf for pdf in case.pdfs() if not is_tampered(pdf.name)]
    answer = run("java", "-cp", classes, "cinnabar.interop.Interop", case.work / "ofdrw", *files)
    if answer.returncode != 0:
        yield Outcome("ofdrw, veraPDF", "all", "all", "failed", last_line(answer.stderr))
    for outcome in from_json_lines(answer.stdout):
        if outcome.check == "signature" or not is_tampered(outcome.document):
            yield outcome


def first_error(text: str) -> str:
    return next((line.removeprefix("[ERROR]").strip()[:160] for line in text.splitlines() if "[ERROR]" in line), "no message")


def pyhanko(case: Case) -> Iterator[Outcome]:
    """pyHanko from PyPI, in a virtual environment of its own, with our RSA root as its only trust."""
    root = case.keys / "rsa/root.crt"
    if not case.rsa_pdfs():
        yield not_run("pyHanko", "signature", "no RSA PDF among the documents")
        return
    home = case.work / "pyhanko"
    python = home / "bin/python"
    made = run(sys.executable, "-m", "venv", home) if not python.exists() else None
    if made and made.returncode != 0:
        yield not_run("pyHanko", "signature", f"no virtual environment: {last_line(made.stderr or made.stdout)}")
        return
    installed = run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", HERE / "requirements.txt")
    if installed.returncode != 0:
        yield not_run("pyHanko", "signature", f"pip: {last_line(installed.stderr)}")
        return
    answer = run(python, HERE / "pyhanko_validate.py", root, *case.rsa_pdfs())
    if answer.returncode != 0:
        yield Outcome("pyHanko", "signature", "all", "failed", last_line(answer.stderr))
    yield from from_json_lines(answer.stdout)


def gmsm(case: Case) -> Iterator[Outcome]:
    """emmansun/gmsm through the Go module proxy: the SM2 CMS inside our PDF, up to the SM2 root."""
    if not case.sm2_pdfs():
        yield not_run("gmsm (Go)", "signature", "no SM2 PDF among the documents")
        return
    version = re.search(r"go(\d+)\.(\d+)", run("go", "version").stdout) if shutil.which("go") else None
    if not version or tuple(map(int, version.groups())) < GO_NEEDED:
        yield not_run("gmsm (Go)", "signature", "needs Go 1.24 or later, which Debian 12 does not have")
        return
    program = case.work / "sm2cms"
    build = run("go", "build", "-o", program.resolve(), ".", cwd=HERE / "go")
    if build.returncode != 0:
        yield not_run("gmsm (Go)", "signature", f"Go could not build it: {last_line(build.stderr)}")
        return
    for pdf in case.sm2_pdfs():
        cms, covered = parts(case, pdf)
        answer = run(program, cms, covered, case.keys / "sm2/root.crt")
        yield judged("gmsm (Go)", "signature", pdf.name, answer.returncode == 0, last_line(answer.stdout + answer.stderr))


def parts(case: Case, pdf: Path) -> tuple[Path, Path]:
    cms, covered = case.work / f"{pdf.name}.cms", case.work / f"{pdf.name}.covered"
    cms.write_bytes(case.signatures[pdf].cms)
    covered.write_bytes(case.signatures[pdf].covered)
    return cms, covered


def openssl(case: Case) -> Iterator[Outcome]:
    """OpenSSL: the RSA CMS with its chain, and every link of the SM2 chains."""
    if not shutil.which("openssl"):
        yield not_run("OpenSSL", "signature, chain", "no openssl here")
        return
    for pdf in case.rsa_pdfs():
        cms, covered = parts(case, pdf)
        answer = run(
            "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", cms, "-content", covered,
            "-CAfile", case.keys / "rsa/root.crt", "-purpose", "any", "-out", "/dev/null",
        )  # fmt: skip
        yield judged("OpenSSL", "signature", pdf.name, answer.returncode == 0, last_line(answer.stderr))
    yield from openssl_links(case)


def openssl_links(case: Case) -> Iterator[Outcome]:
    """OpenSSL 3.0 applies the SM2 distid to the leaf alone, so a chain is asked about link by link."""
    certificates = sorted(case.keys.glob("sm2/*.crt"))
    by_subject = {name(file, "subject"): file for file in certificates}
    for certificate in certificates:
        issuer = by_subject.get(name(certificate, "issuer"))
        if issuer is None or issuer == certificate:
            continue
        answer = run(
            "openssl", "verify", "-vfyopt", "distid:1234567812345678", "-partial_chain", "-trusted", issuer, certificate
        )
        said = "issued by " + issuer.stem if answer.returncode == 0 else last_line(answer.stdout + answer.stderr)
        yield judged("OpenSSL", "chain link", f"sm2/{certificate.name}", answer.returncode == 0, said)


def name(certificate: Path, which: str) -> str:
    return run("openssl", "x509", "-noout", f"-{which}", "-nameopt", "RFC2253", "-in", certificate).stdout.partition("=")[2].strip()


def poppler(case: Case) -> Iterator[Outcome]:
    """Poppler: pdfsig on the RSA signatures, pdftoppm and pdftotext on every PDF."""
    if not shutil.which("pdfsig"):
        yield not_run("Poppler", "signature, rendering", "no poppler-utils here")
        return
    for pdf in case.rsa_pdfs():
        said = run("pdfsig", "-nocert", pdf).stdout
        verdicts = re.findall(r"Signature Validation: (.*)", said)
        whole = "Total document signed" in said
        accepted = bool(verdicts) and all(verdict == "Signature is Valid." for verdict in verdicts) and whole
        yield judged("Poppler", "signature", pdf.name, accepted, " ".join(verdicts) + (" Total document signed." if whole else ""))
    if case.sm2_pdfs():
        yield not_run("Poppler", "signature", "its NSS knows no SM2", "SM2 PDFs")
    for pdf in case.pdfs():
        if is_tampered(pdf.name):
            continue
        picture = case.work / f"{pdf.stem}.poppler"
        drawn = run("pdftoppm", "-r", "100", "-png", pdf, picture)
        text = run("pdftotext", pdf, "-").stdout
        complaint = last_line(drawn.stderr)
        accepted = drawn.returncode == 0 and not complaint and len(text.split()) > 5
        yield judged("Poppler", "rendering", pdf.name, accepted, complaint or f"drawn, {len(''.join(text.split()))} characters of text")


def qpdf(case: Case) -> Iterator[Outcome]:
    if not shutil.which("qpdf"):
        yield not_run("qpdf", "syntax", "no qpdf here")
        return
    for pdf in case.pdfs():
        if not is_tampered(pdf.name):
            answer = run("qpdf", "--check", pdf)
            said = "clean" if answer.returncode == 0 else last_line(answer.stderr or answer.stdout)
            yield judged("qpdf", "syntax", pdf.name, answer.returncode == 0, said)


def gmssl(case: Case) -> Iterator[Outcome]:
    if not shutil.which("gmssl"):
        yield not_run("GmSSL", "chain", "not in Debian 12, and not installed here")
        return
    answer = run("gmssl", "certverify", "-in", case.keys / "sm2/org-ca.crt", "-cacert", case.keys / "sm2/root.crt")
    yield judged("GmSSL", "chain", "sm2/org-ca.crt", answer.returncode == 0, last_line(answer.stdout + answer.stderr))


PEERS = [java, pyhanko, gmsm, openssl, poppler, qpdf, gmssl]
