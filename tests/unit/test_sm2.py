"""SM2 and SM3 against the examples of the standards, and two implementations against each other."""

import hashlib

import pytest

from shucai.base.crypto import curve, der, sm2

# GB/T 32918.5-2017, appendix A.2: the recommended curve.
SECRET = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
PUBLIC = (
    0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020,
    0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13,
)
MESSAGE = b"message digest"
SIGNATURE = der.sequence(
    der.integer(0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3),
    der.integer(0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA),
)
needs_sm2 = pytest.mark.skipif(bool(sm2.missing()), reason=sm2.missing() or "present")


def test_sm3_of_the_standard() -> None:
    assert hashlib.new("sm3", b"abc").hexdigest() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )


def test_the_public_key_of_the_standard() -> None:
    assert curve.public_of(SECRET) == PUBLIC
    assert curve.on_curve(PUBLIC)
    assert curve.identity_hash(PUBLIC).hex().upper() == (
        "B2E14C5C79C6DF5B85F4FE7ED8DB7A262B9DA7E07CCB0EA9F4747B8CCDA8A4F3"
    )


def test_the_signature_of_the_standard_holds_by_hand() -> None:
    assert curve.verify(PUBLIC, MESSAGE, SIGNATURE)
    assert not curve.verify(PUBLIC, MESSAGE + b".", SIGNATURE)


@needs_sm2
def test_the_signature_of_the_standard_holds_in_the_library() -> None:
    public = curve.public_der(PUBLIC)

    assert sm2.verify(public, MESSAGE, SIGNATURE)
    assert not sm2.verify(public, MESSAGE + b".", SIGNATURE)
    assert not sm2.verify(public, MESSAGE, SIGNATURE[:-1])
    assert not sm2.verify(b"nonsense", MESSAGE, SIGNATURE)


@needs_sm2
def test_what_the_library_signs_holds_by_hand() -> None:
    signature = sm2.sign(curve.private_der(SECRET), "登录".encode())

    assert curve.verify(PUBLIC, "登录".encode(), signature)
    assert sm2.verify(curve.public_der(PUBLIC), "登录".encode(), signature)
    assert not curve.verify(PUBLIC, "退出".encode(), signature)


@needs_sm2
def test_a_key_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="can't be read"):
        sm2.sign(b"\x30\x03\x02\x01\x00", b"x")


def test_keys_of_other_curves_are_not_taken() -> None:
    assert curve.point_of(curve.public_der(PUBLIC)) == PUBLIC
    with pytest.raises(der.BadDer, match="SM2 curve"):
        curve.point_of(
            der.sequence(
                der.sequence(der.oid(curve.KEY_OID), der.oid("1.2.840.10045.3.1.7")),
                der.bit_string(b"\4" + bytes(64)),
            )
        )


@pytest.mark.parametrize(
    "broken", [b"", b"\x30", b"\x30\x05\x02", b"\x30\x85\0\0\0\0\1", b"\x02\x01\x01"]
)
def test_what_is_not_der_is_refused(broken: bytes) -> None:
    with pytest.raises(der.BadDer):
        der.numbers(broken)


@pytest.mark.parametrize("length", [0, 1, 127, 128, 255, 256, 70_000])
def test_der_reads_what_it_wrote(length: int) -> None:
    whole = der.sequence(der.octet_string(bytes(length)), der.integer(length))

    first, second = der.parts(whole)
    assert len(der.content(first)) == length
    assert int.from_bytes(der.content(second), "big") == length
