"""SM2 with SM3 through the system's libcrypto (OpenSSL 3 or Tongsuo), by ctypes.

Everything goes through the EVP interface with the distinguishing id of GM/T 0009. Where the
library is missing or was built without SM2, `missing()` says so and nothing else works.
"""

import ctypes
import ctypes.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from shucai.base.crypto.curve import IDENTITY

OLDEST: Final = 0x30000000
_POINTERS: Final = (
    "EVP_PKEY_CTX_new",
    "EVP_MD_CTX_new",
    "EVP_PKEY_CTX_new_from_name",
    "EVP_sm3",
    "d2i_PUBKEY",
    "d2i_AutoPrivateKey",
)
_REMEDY: Final = (
    "请安装带国密算法的 OpenSSL 3（Debian：apt-get install libssl3）或 Tongsuo 后重新启动"
)


class Sm2Missing(RuntimeError):
    """The library can't do it; the text says why and what helps."""


@lru_cache
def _library() -> ctypes.CDLL:
    name = ctypes.util.find_library("crypto")
    if not name:
        raise Sm2Missing(f"系统中没有 libcrypto。{_REMEDY}")
    try:
        found = ctypes.CDLL(name)
    except OSError as fault:
        raise Sm2Missing(f"不能装入 {name}：{fault}。{_REMEDY}") from None
    if not hasattr(found, "OpenSSL_version_num") or not hasattr(found, "EVP_PKEY_CTX_set1_id"):
        raise Sm2Missing(f"{name} 早于 OpenSSL 3.0。{_REMEDY}")
    found.OpenSSL_version_num.restype = ctypes.c_ulong
    if found.OpenSSL_version_num() < OLDEST:
        raise Sm2Missing(f"{name} 早于 OpenSSL 3.0。{_REMEDY}")
    if not all(hasattr(found, word) for word in _POINTERS):
        raise Sm2Missing(f"{name} 不含 SM2 或 SM3。{_REMEDY}")
    for word in _POINTERS:
        getattr(found, word).restype = ctypes.c_void_p
    for word in ("EVP_PKEY_free", "EVP_PKEY_CTX_free", "EVP_MD_CTX_free"):
        getattr(found, word).restype = None
    if not found.EVP_sm3() or not _knows_curve(found):
        raise Sm2Missing(f"{name} 编译时去掉了 SM2 或 SM3。{_REMEDY}")
    return found


def _knows_curve(library: ctypes.CDLL) -> bool:
    context = library.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
    library.EVP_PKEY_CTX_free(ctypes.c_void_p(context))
    return bool(context)


def missing() -> str:
    """Why SM2 can't be used and what to do; empty when it can."""
    try:
        _library()
    except Sm2Missing as fault:
        return str(fault)
    return ""


def sign(private: bytes, data: bytes) -> bytes:
    """The DER signature of `data` by a PKCS #8 key."""
    library = _library()
    with _context(library, library.d2i_AutoPrivateKey, private) as (context, key):
        if library.EVP_DigestSignInit(context, None, _sm3(library), None, key) != 1:
            raise ValueError("the key can't sign")
        size = ctypes.c_size_t(0)
        if library.EVP_DigestSign(context, None, ctypes.byref(size), data, _size(data)) != 1:
            raise ValueError("the key can't sign")
        room = ctypes.create_string_buffer(size.value)
        if library.EVP_DigestSign(context, room, ctypes.byref(size), data, _size(data)) != 1:
            raise ValueError("signing failed")
        return room.raw[: size.value]


def verify(public: bytes, data: bytes, signature: bytes) -> bool:
    """Was `data` signed with the key whose SubjectPublicKeyInfo is `public`?"""
    library = _library()
    try:
        with _context(library, library.d2i_PUBKEY, public) as (context, key):
            if library.EVP_DigestVerifyInit(context, None, _sm3(library), None, key) != 1:
                return False
            done = library.EVP_DigestVerify(context, signature, _size(signature), data, _size(data))
            return bool(done == 1)
    except ValueError:
        return False
    finally:
        library.ERR_clear_error()


def _sm3(library: ctypes.CDLL) -> ctypes.c_void_p:
    return ctypes.c_void_p(library.EVP_sm3())


def _size(data: bytes) -> ctypes.c_size_t:
    return ctypes.c_size_t(len(data))


@contextmanager
def _context(
    library: ctypes.CDLL, read: Callable[..., Any], encoded: bytes
) -> Iterator[tuple[ctypes.c_void_p, ctypes.c_void_p]]:
    """A digest context with the distinguishing id, and the key; both freed at the end."""
    room = ctypes.c_char_p(encoded)
    length = ctypes.c_long(len(encoded))
    found = read(None, ctypes.byref(room), length)
    if not found:
        library.ERR_clear_error()
        raise ValueError("the key can't be read")
    key = ctypes.c_void_p(found)
    about = ctypes.c_void_p(library.EVP_PKEY_CTX_new(key, None))
    context = ctypes.c_void_p(library.EVP_MD_CTX_new())
    try:
        if not about or not context:
            raise ValueError("out of memory, or not a key that signs")
        if library.EVP_PKEY_CTX_set1_id(about, IDENTITY, len(IDENTITY)) != 1:
            raise ValueError("not a key of the SM2 curve")
        library.EVP_MD_CTX_set_pkey_ctx(context, about)
        yield context, key
    finally:
        library.EVP_MD_CTX_free(context)
        library.EVP_PKEY_CTX_free(about)
        library.EVP_PKEY_free(key)
