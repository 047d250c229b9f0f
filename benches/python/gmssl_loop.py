"""Keeps GmSSL, as Python packages bring it, warm and answers benches/bench.py as bench-kernels does. Usage: gmssl_loop.py VECTORS

gmssl-pyx contains the C library GmSSL and exports its functions: they are called through ctypes, which costs about a microsecond a
call and is left in. gmssl is pure Python.
"""

import ctypes
import sys
import time
from pathlib import Path

SAMPLE = 2e-3
POINT, KEY, SIGNATURE = 96, 128, 64
FIRST = 8


class Row:
    def __init__(self, units, run, refuses=lambda: True):
        self.units, self.run, self.refuses = units, run, refuses

    def fastest(self, allowed):
        began, runs, best = time.perf_counter(), 1, float("inf")
        while True:
            run = self.run
            start = time.thread_time()
            right = True
            for _ in range(runs):
                right &= run()
            spent = time.thread_time() - start
            assert right, "a timed answer was wrong"
            best = min(best, spent / runs / self.units)
            if time.perf_counter() - began >= allowed:
                return best
            if spent < SAMPLE / 2:
                runs *= 2


def cycled(good, verify):
    state = {"next": 0}

    def run():
        at = state["next"] = (state["next"] + 1) % len(good)
        return verify(*good[at])

    return run


def c_library(good):
    """GmSSL's own entries: with a key alone, and with the table of a key's multiples that its caller keeps."""
    from gmssl_pyx import gmsslext

    library = ctypes.CDLL(gmsslext.__file__)
    keys, tables = {}, {}
    for key, *_ in good:
        if key not in keys:
            holder = ctypes.create_string_buffer(KEY)
            point, table = ctypes.create_string_buffer(POINT), ctypes.create_string_buffer(16 * POINT)
            library.sm2_z256_point_from_bytes(point, key[1:])
            if library.sm2_key_set_public_key(holder, point) != 1:
                raise RuntimeError("it refuses a key")
            library.sm2_z256_point_mul_pre_compute(point, table)
            keys[key], tables[key] = holder, table
    verify, fast, read = library.sm2_do_verify, library.sm2_fast_verify, library.sm2_signature_from_der

    def parsed(der):
        value, at, left = ctypes.create_string_buffer(SIGNATURE), ctypes.c_char_p(der), ctypes.c_size_t(len(der))
        if read(value, ctypes.byref(at), ctypes.byref(left)) != 1:
            raise RuntimeError("it cannot read a signature")
        return value

    plain = [(keys[key], e, parsed(der)) for key, e, der in good]
    cached = [(tables[key], e, parsed(der)) for key, e, der in good]
    wrong_e = [(key, e[:-1] + bytes([e[-1] ^ 1])) for key, e, _ in good[:FIRST]]

    def refuses(function, holders):
        def refuse():
            bad = all(function(holders[key], e, parsed(der)) != 1 for (key, e), (_, _, der) in zip(wrong_e, good, strict=False))
            other = [(key, e, der[:-1] + bytes([der[-1] ^ 1])) for key, e, der in good[:FIRST]]
            return bad and all(function(holders[key], e, parsed(der)) != 1 for key, e, der in other)

        return refuse

    return {
        "sm2 verify/GmSSL": Row(1, cycled(plain, lambda k, e, v: verify(k, e, v) == 1), refuses(verify, keys)),
        "sm2 verify/GmSSL, cached key": Row(1, cycled(cached, lambda k, e, v: fast(k, e, v) == 1), refuses(fast, tables)),
    } | hashes("GmSSL", gmsslext.sm3_hash)


def hashes(peer, digest, lengths=(("1 KiB", 1 << 10), ("64 KiB", 64 << 10), ("1 MiB", 1 << 20))):
    rows = {}
    for label, length in lengths:
        message = bytes(i * 31 & 0xFF for i in range(length))
        rows[f"sm3 one stream, {label}/{peer}"] = Row(length, lambda message=message: len(digest(message)) >= 32)
    return rows


def pure_python(good):
    from gmssl import sm2, sm3

    ready = [(sm2.CryptSM2(private_key="", public_key=key[1:].hex()), e, raw(der)) for key, e, der in good[:64]]

    def verify(key, e, value):
        return key.verify(value, e)

    def refuses():
        return not any(verify(key, e[:-1] + bytes([e[-1] ^ 1]), value) for key, e, value in ready[:FIRST])

    rows = {"sm2 verify/gmssl (pure Python)": Row(1, cycled(ready, verify), refuses)}
    return rows | hashes("gmssl (pure Python)", lambda message: sm3.sm3_hash(list(message)), (("1 KiB", 1 << 10),))


def raw(der):
    """r ‖ s in hexadecimal."""
    at, numbers = 2, []
    for _ in range(2):
        length = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2 : at + 2 + length], "big"))
        at += 2 + length
    return "".join(f"{number:064x}" for number in numbers)


def read(file):
    lines = (line.split(" ") for line in Path(file).read_text().splitlines())
    fields = ([bytes.fromhex(field) for field in line[1:]] for line in lines if line[0] == "eight")
    return [(key, e, der) for key, _, e, _, _, der in fields]


def gather(good):
    rows = {}
    for make in (c_library, pure_python):
        try:
            rows |= make(good)
        except Exception as fault:
            print(f"{make.__name__}: {type(fault).__name__}: {fault}", file=sys.stderr)
    return rows


def answer(rows, fields):
    if fields[0] == "rows":
        return "\t".join(rows)
    row = rows.get(fields[1])
    if row is None:
        return "not run: no such row"
    if fields[0] == "check":
        if not row.run():
            return "wrong: refuses what is good"
        return "ok" if row.refuses() else "wrong: accepts what is corrupted"
    return repr(row.fastest(int(fields[2]) / 1e3)) if fields[0] == "time" else "ok"


def main():
    rows = gather(read(sys.argv[1]))
    print("ready", flush=True)
    for line in sys.stdin:
        print(answer(rows, line.rstrip("\n").split("\t")), flush=True)


main()
