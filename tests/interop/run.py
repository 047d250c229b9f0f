#!/usr/bin/env python3
"""Asks other people's software about our documents and prints a table: peer, check, document, answer.

A tampered copy counts as well answered when the peer refuses its signature. Exit: 0 nothing failed, 1 something did,
2 there is nothing to ask about. `not run` is not a failure, but each has its reason.
"""

import argparse
import json
import os
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from peers import PEERS, Case, Outcome  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
COLOURS = {"ok": "32", "failed": "31", "not run": "33"}


def main() -> int:
    arguments = parse_arguments()
    documents = sorted(file for file in arguments.documents.glob("*") if file.suffix in (".ofd", ".pdf"))
    if not documents:
        print(f"No documents in {arguments.documents}: run 'make demo' first.", file=sys.stderr)
        return 2
    case = Case(documents, arguments.keys, arguments.work)
    outcomes: list[Outcome] = []
    for peer in PEERS:
        print(f"── asking {peer.__name__} …", file=sys.stderr, flush=True)
        outcomes.extend(peer(case))
    (arguments.work / "results.ndjson").write_text(
        "".join(json.dumps(asdict(outcome), ensure_ascii=False) + "\n" for outcome in outcomes)
    )
    show(outcomes)
    counts = Counter(outcome.status for outcome in outcomes)
    print(f"\n{counts['ok']} ok, {counts['failed']} failed, {counts['not run']} not run")
    return 1 if counts["failed"] else 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path, nargs="?", default=ROOT / "target/demo", help="folder of OFD and PDF files")
    parser.add_argument("--keys", type=Path, default=ROOT / "keys-dev", help="folder of certificates, roots among them")
    parser.add_argument("--work", type=Path, default=ROOT / "target/interop", help="folder for results and pictures")
    return parser.parse_args()


def show(outcomes: list[Outcome]) -> None:
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    widths = [max(len(getattr(outcome, column)) for outcome in outcomes) for column in ("peer", "check", "document")]
    print(f"\n{'peer':{widths[0]}}  {'check':{widths[1]}}  {'document':{widths[2]}}  answer")
    for outcome in outcomes:
        status = f"{outcome.status:7}"
        if colour:
            status = f"\033[{COLOURS[outcome.status]}m{status}\033[0m"
        columns = f"{outcome.peer:{widths[0]}}  {outcome.check:{widths[1]}}  {outcome.document:{widths[2]}}"
        print(f"{columns}  {status}  {outcome.detail[:150]}")


if __name__ == "__main__":
    sys.exit(main())
