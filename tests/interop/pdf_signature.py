"""Takes the last signature of a PDF apart: its CMS, the bytes it covers, and its kind. No PDF library, on purpose."""

import re
from dataclasses import dataclass

SM2_WITH_SM3 = bytes.fromhex("06082a811ccf55018375")
BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


@dataclass(frozen=True)
class Signature:
    cms: bytes
    covered: bytes

    @property
    def is_sm2(self) -> bool:
        return SM2_WITH_SM3 in self.cms


def last_signature(pdf: bytes) -> Signature | None:
    ranges = [tuple(int(number) for number in match.groups()) for match in BYTE_RANGE.finditer(pdf)]
    if not ranges:
        return None
    first, first_length, second, second_length = max(ranges, key=lambda r: r[2] + r[3])
    gap = pdf[first + first_length : second].strip()
    padded = bytes.fromhex(gap.removeprefix(b"<").removesuffix(b">").decode("ascii"))
    covered = pdf[first : first + first_length] + pdf[second : second + second_length]
    return Signature(cms=_one_der_value(padded), covered=covered)


def _one_der_value(padded: bytes) -> bytes:
    """Cuts the zero padding behind a definite-length value; an indefinite-length one is left as it is."""
    if len(padded) < 2 or padded[1] == 0x80:
        return padded
    if padded[1] < 0x80:
        return padded[: 2 + padded[1]]
    octets = padded[1] & 0x7F
    return padded[: 2 + octets + int.from_bytes(padded[2 : 2 + octets], "big")]
