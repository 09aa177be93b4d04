"""SM2 by the book (GB/T 32918): slow arithmetic that checks the fast implementation.

Not for secrets in daily use: its time depends on the key. It derives public keys, and verifies
what libcrypto has signed when a process starts.
"""

import hashlib
from typing import Final, cast

from shucai.base.crypto import der

IDENTITY: Final = b"1234567812345678"  # the distinguishing id that GM/T 0009 fixes
CURVE_OID: Final = "1.2.156.10197.1.301"
KEY_OID: Final = "1.2.840.10045.2.1"
SIGNATURE_OID: Final = "1.2.156.10197.1.501"

P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A: Final = P - 3
B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G: Final = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
Point = tuple[int, int]


def add(left: Point | None, right: Point | None) -> Point | None:
    """The sum of two points; None is the point at infinity."""
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) % P
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P) % P
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def multiply(scalar: int, point: Point) -> Point | None:
    found: Point | None = None
    doubled: Point | None = point
    while scalar:
        if scalar & 1:
            found = add(found, doubled)
        doubled = add(doubled, doubled)
        scalar >>= 1
    return found


def public_of(secret: int) -> Point:
    """The public key of a secret in 1 … N-2."""
    if not 1 <= secret <= N - 2:
        raise ValueError("the secret lies outside 1 … n-2")
    return cast(Point, multiply(secret, G))  # never infinity: the order is prime


def on_curve(point: Point) -> bool:
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - (x * x * x + A * x + B)) % P == 0


def identity_hash(public: Point, identity: bytes = IDENTITY) -> bytes:
    """Z: SM3 over the distinguishing id, the curve and the public key."""
    said = (len(identity) * 8).to_bytes(2, "big") + identity
    for number in (A, B, *G, *public):
        said += number.to_bytes(32, "big")
    return sm3(said)


def sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def verify(public: Point, data: bytes, signature: bytes) -> bool:
    """Was `data` signed with the key of `public`? The signature is DER of r and s."""
    try:
        r, s = der.numbers(signature)
    except ValueError:
        return False
    if not (1 <= r < N and 1 <= s < N and on_curve(public)):
        return False
    e = int.from_bytes(sm3(identity_hash(public) + data), "big")
    t = (r + s) % N
    point = add(multiply(s, G), multiply(t, public)) if t else None
    return point is not None and (e + point[0]) % N == r


def public_der(public: Point) -> bytes:
    """SubjectPublicKeyInfo."""
    x, y = public
    raw = b"\4" + x.to_bytes(32, "big") + y.to_bytes(32, "big")
    return der.sequence(der.sequence(der.oid(KEY_OID), der.oid(CURVE_OID)), der.bit_string(raw))


def point_of(public: bytes) -> Point:
    """The point in a SubjectPublicKeyInfo; refuses other curves and short forms."""
    algorithm, bits = der.parts(public)
    raw = der.content(bits)
    if der.parts(algorithm) != [der.oid(KEY_OID), der.oid(CURVE_OID)]:
        raise der.BadDer("not a key of the SM2 curve")
    if len(raw) != 66 or raw[:2] != b"\0\4":
        raise der.BadDer("not an uncompressed point")
    return int.from_bytes(raw[2:34], "big"), int.from_bytes(raw[34:], "big")


def private_der(secret: int) -> bytes:
    """PKCS #8."""
    x, y = public_of(secret)
    raw = b"\4" + x.to_bytes(32, "big") + y.to_bytes(32, "big")
    key = der.sequence(
        der.integer(1),
        der.octet_string(secret.to_bytes(32, "big")),
        der.wrap(0xA1, der.bit_string(raw)),
    )
    algorithm = der.sequence(der.oid(KEY_OID), der.oid(CURVE_OID))
    return der.sequence(der.integer(0), algorithm, der.octet_string(key))
