"""Values of a year: which may be used and why not, search, code rules, local values, copies."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import DjangoAssertNumQueries
from tests import city, ledger_world
from tests.city import CLERK, DAY, DISTRICT, DISTRICT_KEEPER, FUNCTIONAL, KEEPER
from tests.people import NOW

from shucai.base.errors import Refused
from shucai.kernel.ledger.accounts import open_accounts
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.masterdata import (
    codes,
    editing,
    importing,
    levels,
    mapping,
    usage,
    values,
    years,
)
from shucai.kernel.masterdata.editing import Place
from shucai.kernel.masterdata.models import ElementLevel, Value


@pytest.fixture
def functional(db: None) -> None:
    city.functional()


def test_only_leaves_of_the_year_may_be_used(functional: None) -> None:
    assert values.usable("functional", 2026, "2010101", on=DAY) is None

    upper = values.usable("functional", 2026, "20101", on=DAY)
    other = values.usable("functional", 2025, "2010101", on=DAY)

    assert upper is not None
    assert upper.code == "MAS-1003"
    assert "其下有 2 个下级" in upper.why
    assert "2010101 行政运行" in upper.fix
    assert other is not None
    assert other.code == "MAS-1001"


def test_a_stopped_or_future_value_is_refused(functional: None) -> None:
    editing.stop(actor=KEEPER, place=FUNCTIONAL, code="2010101", now=NOW)
    editing.change(
        actor=KEEPER,
        place=FUNCTIONAL,
        code="2010102",
        name="一般行政管理事务",
        valid_from=date(2026, 7, 1),
        now=NOW,
    )

    stopped = values.usable("functional", 2026, "2010101", on=DAY)
    future = values.usable("functional", 2026, "2010102", on=DAY)

    assert stopped is not None
    assert stopped.code == "MAS-1002"
    assert future is not None
    assert future.code == "MAS-1004"
    assert "自 2026-07-01 起" in future.why
    assert values.usable("functional", 2026, "2010102", on=date(2026, 7, 1)) is None


def test_ten_thousand_lines_cost_one_query(
    functional: None, django_assert_max_num_queries: Callable[[int], DjangoAssertNumQueries]
) -> None:
    values.forget()

    with django_assert_max_num_queries(3):
        for _ in range(10_000):
            assert values.usable("functional", 2026, "2010101", on=DAY) is None
        refused = values.usable_many(
            "functional", 2026, ["2010101", "20101", "999"] * 3_000, on=DAY
        )

    assert {code: finding.code for code, finding in refused.items()} == {
        "20101": "MAS-1003",
        "999": "MAS-1001",
    }


def test_another_process_is_believed_after_its_commit(functional: None) -> None:
    assert values.name_of("functional", 2026, "2010101") == "行政运行"

    with connection.cursor() as cursor:
        cursor.execute("UPDATE masterdata_value SET name = '行政运行费' WHERE code = '2010101'")
    values.cache._CACHE.checked_at -= 2

    assert values.name_of("functional", 2026, "2010101") == "行政运行费"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("20101", "20101"),
        ("行政", "2010101"),
        ("xzyx", "2010101"),
        ("xuqian", "2050201"),
        ("xueqian", "2050201"),
        ("小学", "2050202"),
    ],
)
def test_values_are_found_by_code_name_and_pinyin(functional: None, text: str, first: str) -> None:
    found = values.search("functional", 2026, text)

    if text == "xuqian":
        assert found == []
    else:
        assert found[0].code == first


def test_the_tree_opens_level_by_level(functional: None) -> None:
    assert [e.code for e in values.children("functional", 2026)] == ["201", "205"]
    assert [e.code for e in values.children("functional", 2026, "20101")] == ["2010101", "2010102"]
    known = values.catalogue("functional", 2026)
    assert [e.name for e in known.chain("2010101")] == ["一般公共服务支出", "人大事务", "行政运行"]
    row = Value.objects.get(code="2010101")
    assert row.full_name == "一般公共服务支出-人大事务-行政运行"
    assert row.pinyin.startswith("xzyx xingzhengyunxing")


def test_a_local_value_hangs_below_a_standard_one_in_its_division_only(functional: None) -> None:
    codes.change_rule(
        actor=KEEPER,
        value_set="functional",
        fiscal_year=2026,
        rule=codes.Rule(
            (
                3,
                2,
                2,
                2,
            )
        ),
        now=NOW,
    )
    place = Place("functional", 2026, DISTRICT)
    editing.add(
        actor=DISTRICT_KEEPER,
        place=place,
        code="205020101",
        name="区属幼儿园",
        parent="2050201",
        now=NOW,
    )

    assert values.usable("functional", 2026, "205020101", on=DAY, division=DISTRICT) is None
    local = values.usable("functional", 2026, "2050201", on=DAY, division=DISTRICT)
    elsewhere = values.usable("functional", 2026, "205020101", on=DAY, division="440600000")
    assert local is not None
    assert local.code == "MAS-1003"
    assert elsewhere is not None
    assert elsewhere.code == "MAS-1005"
    assert values.usable("functional", 2026, "2050201", on=DAY) is None
    assert [e.code for e in values.children("functional", 2026, "2050201", division=DISTRICT)] == [
        "205020101"
    ]


def test_standard_values_are_kept_by_the_city_and_nobody_else(functional: None) -> None:
    with pytest.raises(Refused, match="MAS-2002"):
        editing.stop(actor=DISTRICT_KEEPER, place=FUNCTIONAL, code="2010101", now=NOW)
    with pytest.raises(Refused, match="MAS-2001"):
        editing.stop(actor=CLERK, place=FUNCTIONAL, code="2010101", now=NOW)


def test_a_value_with_enabled_values_below_is_not_stopped(functional: None) -> None:
    with pytest.raises(Refused, match=r"其下还有 2 个启用的下级.*MAS-2011"):
        editing.stop(actor=KEEPER, place=FUNCTIONAL, code="20101", now=NOW)

    for code in ("2010101", "2010102", "20101"):
        editing.stop(actor=KEEPER, place=FUNCTIONAL, code=code, now=NOW)
    with pytest.raises(Refused, match="MAS-2005"):
        editing.restart(actor=KEEPER, place=FUNCTIONAL, code="2010101", now=NOW)
    editing.restart(actor=KEEPER, place=FUNCTIONAL, code="20101", now=NOW)
    assert values.usable("functional", 2026, "20101", on=DAY) is None


def test_a_renamed_value_renames_the_full_names_below(functional: None) -> None:
    editing.change(actor=KEEPER, place=FUNCTIONAL, code="205", name="教育", now=NOW)

    assert Value.objects.get(code="2050202").full_name == "教育-普通教育-小学教育"
    with pytest.raises(Refused, match="MAS-2012"):
        editing.change(actor=KEEPER, place=FUNCTIONAL, code="205", name=" ", now=NOW)


def test_the_next_code_is_proposed_and_a_wrong_one_refused(functional: None) -> None:
    assert codes.propose("functional", 2026, parent="20101") == "2010103"
    assert codes.propose("functional", 2026) == "206"

    for code, parent, reason in (
        ("20101A3", "20101", "不允许的字符 A"),
        ("201010", "20101", "共 6 位"),
        ("2010103", "20502", "上级应为 20101"),
    ):
        with pytest.raises(Refused) as refused:
            editing.add(
                actor=KEEPER, place=FUNCTIONAL, code=code, name="新项", parent=parent, now=NOW
            )
        assert refused.value.code == "MAS-2003"
        assert reason in str(refused.value)
    with pytest.raises(Refused, match="MAS-2004"):
        editing.add(
            actor=KEEPER, place=FUNCTIONAL, code="2010101", name="重", parent="20101", now=NOW
        )
    with pytest.raises(Refused, match="MAS-2006"):
        codes.propose("functional", 2026, parent="2010101")


def test_a_rule_that_existing_codes_break_is_refused_with_examples(functional: None) -> None:
    with pytest.raises(Refused) as refused:
        codes.change_rule(
            actor=KEEPER,
            value_set="functional",
            fiscal_year=2026,
            rule=codes.Rule(
                (
                    3,
                    2,
                )
            ),
            now=NOW,
        )

    assert refused.value.code == "MAS-2007"
    assert "已有 4 个编码不符合，例如 2010101（共 7 位" in str(refused.value)
    with pytest.raises(Refused, match="MAS-2008"):
        codes.change_rule(
            actor=KEEPER,
            value_set="functional",
            fiscal_year=2026,
            rule=codes.Rule(
                (
                    3,
                    0,
                )
            ),
            now=NOW,
        )


def test_a_year_is_copied_once_without_what_was_stopped(functional: None) -> None:
    editing.stop(actor=KEEPER, place=FUNCTIONAL, code="2010102", now=NOW)

    copied = years.copy_year(
        actor=KEEPER, value_sets=["functional"], source=2026, target=2027, now=NOW
    )

    assert copied.values == {"functional": 7}
    assert copied.rules == 1
    assert values.usable("functional", 2027, "2010101", on=date(2027, 1, 1)) is None
    assert values.name_of("functional", 2027, "2010102") == ""
    with pytest.raises(Refused, match=r"2027 年已有 7 个值.*MAS-2009"):
        years.copy_year(actor=KEEPER, value_sets=["functional"], source=2026, target=2027, now=NOW)
    with pytest.raises(Refused, match="MAS-2010"):
        years.copy_year(actor=KEEPER, value_sets=["functional"], source=2020, target=2021, now=NOW)


OLD_ROWS = [
    *city.ROWS,
    importing.Row(code="2050205", name="小学"),
    importing.Row(code="2050299", name="其他普通教育"),
    importing.Row(code="2050201", name="学前教育"),
]


@pytest.fixture
def two_years(functional: None) -> None:
    codes.change_rule(
        actor=KEEPER, value_set="functional", fiscal_year=2025, rule=codes.Rule((3, 2, 2)), now=NOW
    )
    importing.apply(actor=KEEPER, place=Place("functional", 2025), rows=OLD_ROWS[:-1], now=NOW)


def test_old_codes_are_followed_forward_and_back(two_years: None) -> None:
    mapping.put(
        actor=KEEPER,
        value_set="functional",
        years=(2025, 2026),
        links=[
            mapping.Link("2050205", "2050202", "merged"),
            mapping.Link("2050299", "", "stopped"),
        ],
        now=NOW,
    )

    assert mapping.successors("functional", "2050205", source=2025, target=2026) == ["2050202"]
    assert mapping.successors("functional", "2050299", source=2025, target=2027) == []
    assert mapping.successors("functional", "2010101", source=2025, target=2027) == ["2010101"]
    assert mapping.successors("functional", "2050202", source=2026, target=2025) == ["2050205"]
    assert mapping.gaps("functional", source=2025, target=2026) == []


def test_old_codes_without_a_successor_are_gaps_with_a_proposal(two_years: None) -> None:
    Value.objects.filter(fiscal_year=2025, code="2050205").update(name="小学教育")
    values.forget()

    found = mapping.gaps("functional", source=2025, target=2026)

    assert [(gap.code, gap.proposed and gap.proposed.new) for gap in found] == [
        ("2050205", "2050202"),
        ("2050299", None),
    ]
    assert found[1].why == "2026 年没有该编码"


def test_a_split_names_the_share_of_each_new_code(two_years: None) -> None:
    halves = [
        mapping.Link("2050205", "2050201", "split", Decimal("0.4")),
        mapping.Link("2050205", "2050202", "split", Decimal("0.6")),
    ]
    place: dict[str, Any] = {
        "actor": KEEPER, "value_set": "functional", "years": (2025, 2026), "now": NOW,
    }  # fmt: skip

    with pytest.raises(Refused, match=r"比例合计 40.00%.*MAS-6002"):
        mapping.put(**place, links=halves[:1])
    with pytest.raises(Refused, match="MAS-6001"):
        mapping.put(**place, links=[mapping.Link("2050205", "9999999", "moved")])
    with pytest.raises(Refused, match="MAS-6003"):
        mapping.put(**{**place, "years": (2024, 2025)}, links=halves)
    mapping.put(**place, links=halves)

    assert mapping.shares("functional", "2050205", source=2025, target=2026) == {
        "2050201": Decimal("0.4000"),
        "2050202": Decimal("0.6000"),
    }
    assert mapping.successors("functional", "2050205", source=2025, target=2026) == [
        "2050201",
        "2050202",
    ]


def test_a_mapping_file_is_read_with_its_words_and_shares() -> None:
    table = [
        ["原编码", "新编码", "关系", "比例"],
        ["1", "2", "拆分", "40%"],
        ["1", "3", "拆分", "0.6"],
        ["4", "", "", ""],
    ]

    links = mapping.read_table(table)

    assert [(one.new, one.kind, one.share) for one in links] == [
        ("2", "split", Decimal("0.4")),
        ("3", "split", Decimal("0.6")),
        ("", "stopped", Decimal(1)),
    ]
    with pytest.raises(Refused, match="MAS-4002"):
        mapping.read_table([table[0], ["1", "2", "变成", "一半"]])
    with pytest.raises(Refused, match="MAS-4001"):
        mapping.read_table([["旧", "新"]])


def test_a_rule_is_changed_with_a_reason_and_its_offenders_stay(functional: None) -> None:
    letters = codes.parsed("3-2-2", "digits,digits,alphanumeric")
    narrow = codes.parsed("3-2")

    codes.change_rule(actor=KEEPER, value_set="functional", fiscal_year=2026, rule=letters, now=NOW)
    assert codes.check_code("functional", 2026, "20101A1", parent="20101") is None
    assert codes.check_code("functional", 2026, "2A1", parent="") is not None
    assert "3 级 2 位数字和大写字母" in letters.text
    codes.change_rule(
        actor=KEEPER, value_set="functional", fiscal_year=2026, rule=narrow, now=NOW,
        reason="项级改由项目管理",
    )  # fmt: skip

    assert codes.excused("functional", 2026) == {"2010101", "2010102", "2050201", "2050202"}
    assert importing.preview(FUNCTIONAL, city.ROWS).findings == ()
    assert codes.check_code("functional", 2026, "2050203", parent="20502") is not None
    with pytest.raises(Refused, match="MAS-2008"):
        codes.parsed("三-2")


def test_the_prospect_of_a_year_copy_names_every_set(functional: None) -> None:
    [seen] = years.prospects(source=2026, target=2027)
    told: list[str] = []

    years.copy_year(
        actor=KEEPER, value_sets=["functional"], source=2026, target=2027, now=NOW,
        progress=lambda done, total, note: told.append(f"{done}/{total} {note}"),
    )  # fmt: skip
    [after] = years.prospects(source=2026, target=2027)

    assert (seen.count, seen.ended, seen.held, seen.is_copied) == (8, 0, 0, True)
    assert (after.held, after.is_copied) == (8, False)
    assert told == ["0/1 支出功能分类"]


def test_a_document_type_may_stop_at_an_upper_level(functional: None) -> None:
    ElementLevel.objects.create(
        document_type="budget.draft",
        field="function",
        value_set="functional",
        fiscal_year=2026,
        min_level=2,
    )
    demand = levels.demand("budget.draft", "function", 2026, division=DISTRICT)

    assert demand is not None
    assert demand.required
    assert values.usable("functional", 2026, "20101", on=DAY, min_level=demand.min_level) is None
    coarse = values.usable("functional", 2026, "201", on=DAY, min_level=demand.min_level)
    assert coarse is not None
    assert coarse.code == "MAS-1006"
    assert levels.demand("budget.draft", "fund_type", 2026) is None


def test_uses_of_a_value_are_counted_within_the_scope(functional: None) -> None:
    owner = ledger_world.unit("105001")
    ledger_world.see()
    open_accounts(
        [ledger_world.spec(owner, f"佛财预〔2026〕{n}号", function_code="2010101") for n in (1, 2)]
    )

    account = str(LedgerAccount._meta.verbose_name)
    found = usage.where_used("functional", "2010101", fiscal_year=2026)
    above = usage.where_used("functional", "20101", fiscal_year=2026)
    ledger_world.see("4406/440604")
    elsewhere = usage.where_used("functional", "2010101", fiscal_year=2026)

    assert [(use.place, use.column, use.count) for use in found] == [(account, "支出功能分类", 2)]
    assert [(use.place, use.count) for use in above] == [("下级编码", 2)]
    assert elsewhere == []


def test_values_are_never_deleted_by_the_application(functional: None) -> None:
    for table in ("value", "unit", "division", "valueset"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("DELETE FROM masterdata_" + table)
