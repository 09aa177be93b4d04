"""A file is what its content says: disguises, bombs, macros and programs are refused by name."""

import io
import zipfile
from collections.abc import Callable

import pytest

from shucai.base.errors import Refused
from shucai.kernel.files import naming, sniffing

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + bytes(40)
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def packed(**members: bytes | str) -> bytes:
    """A zip of the members; `__` in a name stands for a slash, a trailing `_` for the dot part."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def office(folder: str, **more: bytes) -> bytes:
    return packed(**{"[Content_Types].xml": b"<Types/>", f"{folder}/main.xml": b"<x/>", **more})


def kind(name: str, content: bytes) -> str:
    return sniffing.sniff(name, io.BytesIO(content)).code


def refusal(name: str, content: bytes, code: str) -> str:
    with pytest.raises(Refused) as refused:
        sniffing.sniff(name, io.BytesIO(content))
    assert refused.value.code == code
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("合同.pdf", PDF, "pdf"),
        ("扫描件.PNG", PNG, "png"),
        ("发票.jpeg", JPG, "jpg"),
        ("旧表.xls", OLE, "ole"),
        ("文件.wps", OLE, "ole"),
        ("明细.xlsx", office("xl"), "xlsx"),
        ("通知.docx", office("word"), "docx"),
        ("数电票.ofd", packed(**{"OFD.xml": "<OFD/>"}), "ofd"),
        ("材料.zip", packed(**{"合同.pdf": PDF}), "zip"),
        ("名单.csv", "姓名,金额\n张三,1.00\n".encode("gb18030"), "csv"),
        ("说明.txt", "支付说明".encode(), "txt"),
        ("说明.txt", "支付说明".encode("utf-16"), "txt"),
        ("数电票.xml", b'<?xml version="1.0"?><EInvoice/>', "xml"),
    ],
)
def test_materials_are_known_by_their_content(name: str, content: bytes, code: str) -> None:
    assert kind(name, content) == code


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("合同.pdf", PNG, "内容却是PNG 图片"),
        ("照片.png", b"MZ" + bytes(300), "内容却是Windows 程序"),
        ("说明.txt", b"\x7fELF" + bytes(300), "内容却是Linux 程序"),
        ("说明.txt", b"#!/bin/sh\nrm -rf /\n", "内容却是脚本"),
        ("图.png", b'<svg onload="alert(1)" xmlns="http://www.w3.org/2000/svg"/>', "内容却是网页"),
        ("说明.txt", b"<html><script>alert(1)</script></html>", "内容却是网页"),
        ("说明.txt", b"\xef\xbb\xbf  <!DOCTYPE html><p>", "内容却是网页"),
        ("表.xlsx", office("word"), "内容却是Word 文档"),
        ("表.csv", bytes(range(256)) * 8, "内容却是无法识别的二进制数据"),
        ("动图.png", b"GIF89a" + bytes(60), "内容却是“gif”类型的文件"),
        ("数据.xml", b"<?xml version='1.0'?><svg xmlns='x'></svg>", "内容却是网页"),
    ],
)
def test_a_disguise_is_refused_and_named(name: str, content: bytes, told: str) -> None:
    assert told in refusal(name, content, "FIL-1005")


@pytest.mark.parametrize("name", ["a.exe", "a.html", "a.svg", "a.js", "a.docm", "无扩展名", "a."])
def test_other_extensions_are_refused_with_the_list(name: str) -> None:
    assert "pdf、ofd、docx" in refusal(name, PDF, "FIL-1004")


@pytest.mark.parametrize("name", ["发票.exe.pdf", "发票.pdf.js .pdf", "a.HTML.pdf"])
def test_a_program_hidden_behind_a_second_extension_is_refused(name: str) -> None:
    assert "夹有可执行程序的扩展名" in refusal(name, PDF, "FIL-1006")


def test_an_ordinary_dot_in_a_name_is_no_disguise() -> None:
    assert kind("2026.03 合同v1.2.pdf", PDF) == "pdf"


def bomb() -> bytes:
    return packed(**{"0.txt": b"0" * (40 * 1024 * 1024)})


def many() -> bytes:
    return packed(**{f"{n}.txt": b"" for n in range(sniffing.MEMBERS_MAX + 1)})


def climbing() -> bytes:
    return packed(**{"../../etc/passwd": b"x"})


def locked() -> bytes:
    raw = bytearray(packed(**{"a.txt": b"x"}))
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def overlapping() -> bytes:
    """Two directory entries over one content, the trick behind the densest bombs."""
    raw = packed(**{"a.txt": b"x" * 500, "b.txt": b"y" * 500})
    second = raw.rindex(b"PK\x01\x02")
    return raw[: second + 42] + bytes(4) + raw[second + 46 :]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (bomb, "压缩率异常"),
        (many, "上限 2000 个"),
        (climbing, "路径越界"),
        (locked, "内容已加密"),
        (overlapping, "前后重叠"),
        (lambda: packed(**{"安装.exe": b"MZ"}), "夹带程序文件“安装.exe”"),
        (lambda: packed(**{"里面.zip": packed(a=b"x")}), "压缩包里还有压缩包"),
    ],
)
def test_unsafe_archives_are_refused_unread(make: Callable[[], bytes], told: str) -> None:
    assert told in refusal("材料.zip", make(), "FIL-1007")


def test_a_bomb_in_the_coat_of_a_workbook_is_refused() -> None:
    content = office("xl", **{"xl/sheet1.xml": b"0" * (40 * 1024 * 1024)})

    assert "压缩率异常" in refusal("明细.xlsx", content, "FIL-1007")


def test_macros_are_refused_in_both_office_formats() -> None:
    new = refusal("表.xlsx", office("xl", **{"xl/vbaProject.bin": b"x"}), "FIL-1008")
    old = refusal("表.xls", OLE + "_VBA_PROJECT".encode("utf-16-le"), "FIL-1008")

    assert ("“表.xlsx”" in new, "“表.xls”" in old) == (True, True), (new, old)
    assert "宏" in new
    assert "宏" in old


def test_a_broken_archive_is_told_as_damaged() -> None:
    assert "“表.xlsx”" in refusal("表.xlsx", office("xl")[:-30], "FIL-1010")


def test_xml_that_reaches_outside_is_refused() -> None:
    content = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x/>'

    assert "“数电票.xml”" in refusal("数电票.xml", content, "FIL-1011")


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("C:\\下载\\合同.pdf", "合同.pdf"),
        ("../../etc/合同.pdf", "合同.pdf"),
        ("发票\u202efdp.exe", "发票fdp.exe"),
        (" 合 同\t（1）.pdf ", "合 同（1）.pdf"),
        ("a<b>:c|d?.pdf", "a_b__c_d_.pdf"),
        ("con.pdf", "附件_con.pdf"),
        ("...", "附件"),
        ("", "附件"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_names_are_cleaned(raw: str, kept: str) -> None:
    assert naming.clean(raw) == kept
