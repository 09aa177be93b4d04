"""The small markup of articles: read into blocks, never into HTML."""

import pytest

from shucai.base import markup

TEXT = """## 一、范围

全市预算单位。
自 **2027年1月1日** 起执行，见[文件](/articles/3)和[财政部](https://www.mof.gov.cn/)。

- 甲
- 乙
1. 先申请
2、再审核

| 项目 | 标准 |
| --- | --- |
| 住宿 | 500 元 |
<script>alert(1)</script>
"""


def test_blocks_are_read_in_order() -> None:
    blocks = markup.parse(TEXT)

    assert [block.kind for block in blocks] == [
        "heading", "paragraph", "list", "numbered", "table", "paragraph",
    ]  # fmt: skip
    assert [span.link for span in blocks[1].lines[0] if span.link] == [
        "/articles/3",
        "https://www.mof.gov.cn/",
    ]
    assert [span.text for span in blocks[1].lines[0] if span.is_strong] == ["2027年1月1日"]
    assert [len(row) for row in blocks[4].rows] == [2, 2]
    assert blocks[5].lines[0][0].text == "<script>alert(1)</script>"


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "//evil.example", "http://a.example", "data:text/html,x", '/a"b',
     "/\\evil.example", "https:/x"],
)  # fmt: skip
def test_other_addresses_stay_words(link: str) -> None:
    said = f"见[这里]({link})"

    assert [span.link for block in markup.parse(said) for span in block.lines[0]] == [""]


def test_plain_words_for_mail_and_search() -> None:
    assert markup.plain("## 标题\n\n**重**点\n- 甲\n\n| a | b |") == "标题\n重点\n甲\na  b"
    assert markup.parse("") == []
