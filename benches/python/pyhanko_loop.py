"""Keeps pyHanko warm. Usage: pyhanko_loop.py ROOT.pem, then lines on standard input, each answered by one line:

check FILE        → accepted, or refused and why
round FILE…       → CPU seconds for the files
"""

import logging
import sys
import time

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext


def check(root: object, file: str) -> str:
    try:
        with open(file, "rb") as stream:
            signatures = PdfFileReader(stream).embedded_signatures
            context = ValidationContext(trust_roots=[root], allow_fetching=False)
            statuses = [validate_pdf_signature(signature, context) for signature in signatures]
    except Exception as fault:
        return f"refused {type(fault).__name__}"
    good = bool(statuses) and all(status.bottom_line for status in statuses)
    return "accepted" if good else "refused"


def main() -> None:
    logging.disable(logging.CRITICAL)
    root = load_cert_from_pemder(sys.argv[1])
    print("ready", flush=True)
    for line in sys.stdin:
        command, *rest = line.rstrip("\n").split("\t")
        if command == "check":
            print(check(root, rest[0]), flush=True)
            continue
        start = time.process_time()
        answers = [check(root, file) for file in rest]
        spent = time.process_time() - start
        print(spent if all(answer == "accepted" for answer in answers) else "refused", flush=True)


main()
