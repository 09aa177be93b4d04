"""DER as far as keys and certificates need it: a few types written, the parts of a whole read."""

from collections.abc import Iterator
from typing import Final

INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OID: Final = 0x06
SEQUENCE: Final = 0x30
DEPTH_MAX: Final = 4  # bytes of a length: nobody sends more than 4 GiB


class BadDer(ValueError):
    """Not DER, or cut off."""


def wrap(tag: int, content: bytes) -> bytes:
    """One element: tag, length, content."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    said = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(said))) + said + content


def sequence(*parts: bytes) -> bytes:
    return wrap(SEQUENCE, b"".join(parts))


def integer(value: int) -> bytes:
    return wrap(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def bit_string(content: bytes) -> bytes:
    return wrap(BIT_STRING, b"\0" + content)


def octet_string(content: bytes) -> bytes:
    return wrap(OCTET_STRING, content)


def oid(dotted: str) -> bytes:
    """An object identifier such as `1.2.156.10197.1.301`."""
    first, second, *rest = map(int, dotted.split("."))
    said = bytearray()
    for number in (first * 40 + second, *rest):
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(0x80 | (number & 0x7F))
        said += bytes(reversed(groups))
    return wrap(OID, bytes(said))


def parts(whole: bytes) -> list[bytes]:
    """The elements inside an element, each with its tag and length."""
    start, end = _content(whole, 0)
    if end != len(whole):
        raise BadDer("something follows the element")
    return list(_elements(whole, start, end))


def content(element: bytes) -> bytes:
    """What stands inside an element, without tag and length."""
    start, end = _content(element, 0)
    return element[start:end]


def numbers(whole: bytes) -> list[int]:
    """A sequence of integers, as signatures of elliptic curves are."""
    if whole[:1] != bytes((SEQUENCE,)):
        raise BadDer("not a sequence")
    found = parts(whole)
    if any(one[0] != INTEGER for one in found):
        raise BadDer("not integers only")
    return [int.from_bytes(content(one), "big", signed=True) for one in found]


def _elements(whole: bytes, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        _, after = _content(whole, start)
        if after > end:
            raise BadDer("an element is longer than its whole")
        yield whole[start:after]
        start = after


def _content(whole: bytes, at: int) -> tuple[int, int]:
    """Where the content of the element at `at` begins and ends."""
    if len(whole) < at + 2:
        raise BadDer("cut off")
    length, start = whole[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= DEPTH_MAX or len(whole) < start + size:
            raise BadDer("the length can't be read")
        length = int.from_bytes(whole[start : start + size], "big")
        start += size
    if start + length > len(whole):
        raise BadDer("cut off")
    return start, start + length
