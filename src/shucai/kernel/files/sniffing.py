"""识别 sniffing: a file is what its content says; its extension must agree.

Nothing is unpacked beyond small, bounded parts; archives are judged by their directory.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

import filetype  # type: ignore[import-untyped]  # publishes no types

from shucai.kernel.files import errors, naming

HEAD: Final = 8_192
MEMBERS_MAX: Final = 2_000
UNPACKED_MAX: Final = 300 * 1024 * 1024
RATIO_MAX: Final = 120
RATIO_FROM: Final = 1024 * 1024  # small members compress well without being bombs
TEXT_CHECKED: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of content: what it is called, sent as, and which extensions may carry it."""

    code: str
    label: str
    content_type: str
    extensions: tuple[str, ...]


# fmt: off
KINDS: Final[Mapping[str, Kind]] = {
    kind.code: kind
    for kind in (
        Kind("pdf",  "PDF 文档",     "application/pdf", ("pdf",)),
        Kind("ofd",  "OFD 版式文档", "application/ofd", ("ofd",)),
        Kind("docx", "Word 文档",    "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",)),  # noqa: E501
        Kind("xlsx", "Excel 工作簿", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",)),  # noqa: E501
        Kind("pptx", "演示文稿",     "application/vnd.openxmlformats-officedocument.presentationml.presentation", ("pptx",)),  # noqa: E501
        Kind("ole",  "Office 97 文档", "application/x-ole-storage", ("doc", "xls", "ppt", "wps", "et", "dps")),  # noqa: E501
        Kind("jpg",  "JPEG 图片",    "image/jpeg", ("jpg", "jpeg")),
        Kind("png",  "PNG 图片",     "image/png", ("png",)),
        Kind("tif",  "TIFF 图片",    "image/tiff", ("tif", "tiff")),
        Kind("bmp",  "BMP 图片",     "image/bmp", ("bmp",)),
        Kind("zip",  "ZIP 压缩包",   "application/zip", ("zip",)),
        Kind("xml",  "XML 数据",     "application/xml", ("xml",)),
        Kind("csv",  "CSV 表格",     "text/csv", ("csv",)),
        Kind("txt",  "文本",         "text/plain", ("txt",)),
    )
}
# fmt: on
ALLOWED: Final = tuple(ext for kind in KINDS.values() for ext in kind.extensions)
_OOXML: Final = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
_PROGRAMS: Final = (
    (b"MZ", "Windows 程序"),
    (b"\x7fELF", "Linux 程序"),
    (b"\xca\xfe\xba\xbe", "Java 程序"),
    (b"\xcf\xfa\xed\xfe", "程序"),
    (b"#!", "脚本"),
)
_NESTED: Final = frozenset({"zip", "rar", "7z", "gz", "bz2", "xz", "tar", "cab", "iso"})
_MARKUP: Final = ("<!doctype html", "<html", "<script", "<svg", "<body", "<iframe", "<head")


def sniff(name: str, content: BinaryIO) -> Kind:
    """The type of the content, which the extension of `name` must allow.

    Raises Refused for types that are not accepted, for disguises and for unsafe content.
    """
    extension = naming.extension(name)
    hidden = naming.hidden_program(name)
    if hidden:
        raise errors.TWO_EXTENSIONS.refuse(name=name, extension=hidden)
    if extension not in ALLOWED:
        allowed = "、".join(ALLOWED)
        raise errors.UNKNOWN_TYPE.refuse(name=name, extension=extension or "无", allowed=allowed)
    content.seek(0)
    head = content.read(HEAD)
    found, label = _recognise(name, extension, head, content)
    kind = KINDS.get(found)
    if kind is None or extension not in kind.extensions:
        actual = kind.label if kind else label
        raise errors.MISMATCH.refuse(name=name, extension=extension, actual=actual)
    content.seek(0)
    return kind


def _recognise(name: str, extension: str, head: bytes, content: BinaryIO) -> tuple[str, str]:
    """The code of the kind and, for what has none, the words for it."""
    for magic, label in _PROGRAMS:
        if head.startswith(magic):
            return "", label
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _inspect_zip(name, extension, content), ""
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        _refuse_ole_macros(name, content)
        return "ole", ""
    if b"%PDF-" in head[:1024]:
        return "pdf", ""
    guessed = filetype.guess(head)
    if guessed is not None:
        code = "tif" if guessed.extension == "tif" else guessed.extension
        return code, f"“{guessed.extension}”类型的文件"
    return _recognise_text(name, extension, head, content)


def _recognise_text(name: str, extension: str, head: bytes, content: BinaryIO) -> tuple[str, str]:
    content.seek(0)
    text = decode(content.read(TEXT_CHECKED))
    if text is None:
        return "", "无法识别的二进制数据"
    start = text.lstrip("\ufeff \t\r\n").lower()
    if any(mark in start[:2000] for mark in _MARKUP):
        return "", "网页"
    if extension == "xml":
        if not start.startswith("<"):
            return "", "文本"
        if "<!doctype" in start or "<!entity" in start:
            raise errors.ACTIVE_CONTENT.refuse(name=name, reason="XML 声明了外部实体或文档类型")
        return "xml", ""
    if start.startswith(("<?xml", "<?php", "<%")):
        return "", "带标记的文本"
    return extension if extension in ("csv", "txt") else "txt", "文本"


def decode(raw: bytes) -> str | None:
    """Text in UTF-8, UTF-16 with a mark, or GB 18030; None for anything with binary in it."""
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not marked and b"\x00" in raw:
        return None
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        # A cut in the middle of the last character is not a fault of the file.
        for cut in range(4):
            try:
                text = raw[: len(raw) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            odd = sum(ch < " " and ch not in "\t\r\n\f" for ch in text)
            return text if odd * 1000 <= len(text) else None
    return None


def _inspect_zip(name: str, extension: str, content: BinaryIO) -> str:
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as archive:
            members = archive.infolist()
            _refuse_unsafe(name, members)
            names = {member.filename for member in members}
            if "OFD.xml" in names:
                return "ofd"
            if "[Content_Types].xml" in names:
                return _office(name, names)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError) as broken:
        raise errors.DAMAGED.refuse(name=name, reason="压缩目录读不出来") from broken
    _refuse_programs_inside(name, members)
    return "zip"


def _office(name: str, names: set[str]) -> str:
    if any(inside.lower().endswith("vbaproject.bin") for inside in names):
        raise errors.MACROS.refuse(name=name)
    for prefix, code in _OOXML.items():
        if any(inside.startswith(prefix) for inside in names):
            return code
    return "zip"


def _refuse_unsafe(name: str, members: list[zipfile.ZipInfo]) -> None:
    """Bombs, overlaps, ways out of the folder and locked content are refused unread."""

    def unsafe(reason: str) -> None:
        raise errors.UNSAFE_ARCHIVE.refuse(name=name, reason=reason)

    if len(members) > MEMBERS_MAX:
        unsafe(f"含 {len(members)} 个文件，上限 {MEMBERS_MAX} 个")
    total = sum(member.file_size for member in members)
    if total > UNPACKED_MAX:
        unsafe(f"解压后 {size_text(total)}，上限 {size_text(UNPACKED_MAX)}")
    reached = -1
    for member in sorted(members, key=lambda m: m.header_offset):
        if member.flag_bits & 1:
            unsafe("内容已加密，无法检查")
        if member.filename.startswith(("/", "\\")) or ".." in member.filename.split("/"):
            unsafe(f"文件“{member.filename[:60]}”的路径越界")
        if member.file_size > RATIO_FROM and member.file_size > RATIO_MAX * member.compress_size:
            unsafe(f"文件“{member.filename[:60]}”的压缩率异常")
        if member.header_offset < reached:
            unsafe("压缩目录前后重叠")
        reached = member.header_offset + member.compress_size


def _refuse_programs_inside(name: str, members: list[zipfile.ZipInfo]) -> None:
    for member in members:
        inside = naming.extension(member.filename)
        if inside in naming.RUNNABLE:
            raise errors.UNSAFE_ARCHIVE.refuse(
                name=name, reason=f"夹带程序文件“{member.filename[:60]}”"
            )
        if inside in _NESTED:
            raise errors.UNSAFE_ARCHIVE.refuse(
                name=name, reason=f"压缩包里还有压缩包“{member.filename[:60]}”"
            )


def _refuse_ole_macros(name: str, content: BinaryIO) -> None:
    """Directory names of the compound file are UTF-16; a VBA project has one of its own."""
    content.seek(0)
    raw = content.read()
    if "_VBA_PROJECT".encode("utf-16-le") in raw:
        raise errors.MACROS.refuse(name=name)


def size_text(size: int) -> str:
    """1.5 MB, 820 KB: for people."""
    if size >= 1024 * 1024:
        return f"{size * 10 // (1024 * 1024) / 10:g} MB"
    return f"{max(size // 1024, 1)} KB" if size else "0 KB"


def as_stream(content: bytes | BinaryIO) -> BinaryIO:
    return io.BytesIO(content) if isinstance(content, bytes) else content
