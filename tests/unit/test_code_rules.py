"""Code rules: levels, parents, faults and the next code, for any lengths and characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shucai.kernel.identity import duties, separation
from shucai.kernel.masterdata import pinyin, tree
from shucai.kernel.masterdata.codes import Rule

FUNCTIONAL = Rule((3, 2, 2))


def test_levels_and_parents_follow_from_lengths() -> None:
    assert [FUNCTIONAL.level_of(code) for code in ("201", "20101", "2010101", "20")] == [
        1,
        2,
        3,
        None,
    ]
    assert FUNCTIONAL.parent_of("2010101") == "20101"
    assert FUNCTIONAL.parent_of("201") == ""
    assert FUNCTIONAL.text == "3-2-2 位数字"


@pytest.mark.parametrize(
    ("taken", "parent", "expected"),
    [
        ([], "201", "20101"),
        (["20101", "20199"], "201", "20102"),
        ([f"201{n:02}" for n in range(1, 99)], "201", "20199"),
        ([f"201{n:02}" for n in range(1, 100) if n != 7], "201", "20107"),
        ([f"201{n:02}" for n in range(1, 100)], "201", None),
        ([], "2010101", None),
    ],
)
def test_the_next_code(taken: list[str], parent: str, expected: str | None) -> None:
    assert FUNCTIONAL.next_after(taken, parent=parent) == expected


@given(
    lengths=st.lists(st.integers(1, 4), min_size=1, max_size=5),
    charset=st.sampled_from(["digits", "alphanumeric"]),
    data=st.data(),
)
def test_a_proposed_code_keeps_the_rule_and_is_free(
    lengths: list[int], charset: str, data: st.DataObject
) -> None:
    rule = Rule(tuple(lengths), charset)
    parent = "".join(rule.example()[: rule.totals[0]]) if len(lengths) > 1 else ""
    taken: list[str] = []
    for _ in range(data.draw(st.integers(1, 8))):
        code = rule.next_after(taken, parent=parent)
        assert code is not None
        assert code not in taken
        assert rule.fault(code, parent=parent) == ""
        taken.append(code)


def test_shapes_follow_from_codes_and_parents() -> None:
    shapes, faults = tree.shape(
        {
            "1": ("一", ""),
            "11": ("甲", "1"),
            "9": ("孤", "8"),
            "5": ("环", "6"),
            "6": ("圈", "5"),
        }
    )

    assert shapes["1"] == tree.Shape(level=1, is_leaf=False, full_name="一")
    assert shapes["11"] == tree.Shape(level=2, is_leaf=True, full_name="一-甲")
    assert {f.code: f.reason for f in faults} == {
        "9": "上级 8 不存在",
        "5": "上级编码形成循环",
        "6": "上级编码形成循环",
    }


def test_pinyin_has_initials_and_full_spelling() -> None:
    assert pinyin.spelled("人大事务") == "rdsw rendashiwu"
    assert pinyin.spelled("“三公”经费(A)") == "sgjfA".lower() + " sangongjingfeia"
    assert pinyin.spelled("") == ""


def test_duties_exclude_each_other_both_ways() -> None:
    assert duties.excluded("payment.preparer", "payment.reviewer")
    assert duties.excluded("payment.reviewer", "payment.preparer")
    assert duties.excluded(duties.AUDITOR, "payment.preparer")
    assert not duties.excluded("payment.preparer", "allotment.reviewer")
    assert duties.conflicts([duties.SYSTEM_ADMIN, duties.AUDITOR]) == [
        (duties.AUDITOR, duties.SYSTEM_ADMIN)
    ]
    assert separation.collisions([]) == []
