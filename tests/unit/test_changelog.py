"""The change log: fragments by name, versions newest first, one sentence each."""

from pathlib import Path

import pytest

from shucai.base.errors import Refused
from shucai.site import changelog


def fragments(root: Path, **texts: str) -> Path:
    for name, text in texts.items():
        path = root / "changes" / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(path.name + ".md").write_text(text, encoding="utf-8")
    return root


def test_fragments_stand_in_the_order_of_their_names(tmp_path: Path) -> None:
    root = fragments(tmp_path, b="乙。\n", a="甲。", README="# Changes\n\nHow to.\n")

    assert changelog.build(root) == changelog.HEAD + "\n## 未发布\n\n- 甲。\n- 乙。\n"


def test_what_is_not_released_comes_first_then_the_newest_version(tmp_path: Path) -> None:
    root = fragments(tmp_path, a="新。", **{"0_9_0__b": "旧。", "0_10_0__c": "近。"})

    headings = [line for line in changelog.build(root).splitlines() if line.startswith("## ")]

    assert headings == ["## 未发布", "## 0.10.0", "## 0.9.0"]


def test_a_heading_without_changes_is_left_out(tmp_path: Path) -> None:
    root = fragments(tmp_path, **{"0_1_0__a": "甲。"})

    assert "未发布" not in changelog.build(root)


@pytest.mark.parametrize("text", ["", "没有句号", "两行。\n两行。", "长" * 200 + "。"])
def test_what_is_no_sentence_is_refused(tmp_path: Path, text: str) -> None:
    root = fragments(tmp_path, a=text)

    with pytest.raises(Refused) as refused:
        changelog.build(root)

    assert refused.value.code == "CLI-9041"
    assert "变更条目 a.md 不能使用" in str(refused.value)


def test_writing_tells_whether_anything_changed(tmp_path: Path) -> None:
    root = fragments(tmp_path, a="甲。")

    assert [changelog.write(root), changelog.write(root)] == [True, False]
    assert (root / "CHANGELOG.md").read_text(encoding="utf-8").endswith("- 甲。\n")
