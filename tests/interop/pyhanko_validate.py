"""Asks pyHanko about PDF signatures. Usage: pyhanko_validate.py ROOT.pem FILE…; a JSON line for each file."""

import json
import logging
import sys
from pathlib import Path

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext


def validate(root: str, file: str) -> tuple[bool, str]:
    with open(file, "rb") as stream:
        signatures = PdfFileReader(stream).embedded_signatures
        if not signatures:
            return False, "no signature found"
        context = ValidationContext(trust_roots=[load_cert_from_pemder(root)], allow_fetching=False)
        statuses = [validate_pdf_signature(signature, context) for signature in signatures]
    return all(status.bottom_line for status in statuses), "; ".join(status.summary() for status in statuses)


def main() -> None:
    logging.disable(logging.CRITICAL)
    root, *files = sys.argv[1:]
    for file in files:
        try:
            accepted, detail = validate(root, file)
        except Exception as fault:
            accepted, detail = False, f"{type(fault).__name__}: {fault}"
        outcome = {"peer": "pyHanko", "check": "signature", "file": Path(file).name, "accepted": accepted, "detail": detail}
        print(json.dumps(outcome, ensure_ascii=False))


main()
