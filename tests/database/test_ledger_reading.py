"""Account pages, entries, balances at an instant, the statutory double entry."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from tests.ledger_world import CITY, NOW, YEAR, World, found, see, spec

from shucai.kernel.identity.actor import Actor
from shucai.kernel.ledger import asof, presentation, reading
from shucai.kernel.ledger.accounts import open_accounts
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.ledger.posting import Balance, Posting
from shucai.kernel.ledger.presentation import Pair
from shucai.kernel.ledger.terms import WAYS

pytestmark = pytest.mark.django_db
CLERK = Actor(
    user_id=7,
    name="赵一",
    position_name="经办",
    duties=frozenset(),
    scope_path=CITY,
    office="",
    unit_code="105001",
    unit_name="单位105001",
    division="440600000",
    fiscal_year=YEAR,
)


@pytest.fixture
def world(db: None) -> World:
    return found()


def query(**more: object) -> reading.Query:
    return reading.Query(book="budget", kind="unit_allotment", actor=CLERK, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("sort", ["unit_path", "-unit_path", "number", "-available", "held"])
def test_pages_follow_one_another_both_ways(world: World, sort: str) -> None:
    accounts = {world.open(f"{n % 3}.00", owner=(world.mine, world.other)[n % 2]) for n in range(7)}

    first = reading.page(query(sort=sort, size=3))
    second = reading.page(query(sort=sort, size=3, cursor=first.next))
    third = reading.page(query(sort=sort, size=3, cursor=second.next))
    back = reading.page(query(sort=sort, size=3, cursor=second.previous))

    rows = [*first.rows, *second.rows, *third.rows]
    assert {a.pk for a in rows} == accounts
    keys = [(getattr(a, sort.removeprefix("-")), a.pk) for a in rows]
    assert keys == sorted(keys, reverse=sort.startswith("-"))
    assert (first.previous, third.next) == ("", "")
    assert [a.pk for a in back.rows] == [a.pk for a in first.rows]


@pytest.mark.parametrize("cursor", ["xx", "W10", "bm9uc2Vuc2U", "é"])
def test_a_damaged_cursor_starts_from_the_first_page(world: World, cursor: str) -> None:
    world.open("1.00")

    assert len(reading.page(query(cursor=cursor)).rows) == 1


def test_filters_narrow_the_list_and_its_totals(world: World) -> None:
    rich = world.open("100.00")
    empty = world.open()
    world.do("hold", rich, "30.00")
    schools = open_accounts(
        [
            spec(
                world.other,
                "佛财教〔2026〕3号-01",
                function_code="2050202",
                project_name="校舍维修",
            )
        ]
    )[0]

    def found_by(**filters: list[str]) -> set[int]:
        return {a.pk for a in reading.page(query(filters=filters)).rows}

    assert found_by(unit=[world.mine.code]) == {rich, empty}
    assert found_by(available=["yes"]) == {rich}
    assert found_by(function=["205"]) == {schools}
    assert found_by(q=["校舍"]) == {schools}
    assert found_by(q=["财教〔2026〕3"]) == {schools}
    assert found_by(number=["佛财教〔2026〕3号-01"]) == {schools}
    assert found_by(nonsense=["1"]) == set()
    totals = reading.totals(query(filters={"unit": [world.mine.code]}))
    assert (totals.count, totals.granted, totals.held, totals.available) == (2, 100, 30, 70)


def test_a_position_sees_its_own_unit_only(world: World) -> None:
    mine, theirs = world.open("1.00"), world.open("1.00", owner=world.other)
    narrow = replace(CLERK, scope_path=world.mine.path)
    see(world.mine.path)

    page = reading.page(replace(query(), actor=narrow))
    wider = reading.page(query())  # a filter that asks for more than the database shows

    assert [a.pk for a in page.rows] == [a.pk for a in wider.rows] == [mine]
    assert reading.account(actor=CLERK, pk=theirs) is None
    assert not LedgerAccount.objects.filter(pk=theirs).exists()


def test_search_repeats_the_scope(world: World) -> None:
    open_accounts([spec(world.other, "佛财教〔2026〕3号-01", project_name="校舍维修")])
    see(world.mine.path)

    assert reading.page(query(filters={"q": ["校舍"]})).rows == []
    narrow = replace(query(filters={"q": ["校舍"]}), actor=replace(CLERK, office="行政政法科"))
    assert reading.page(narrow).rows == []


def test_pickers_offer_money_first(world: World) -> None:
    empty, rich = world.open(), world.open("5.00")

    chosen = reading.find_accounts(
        actor=CLERK, book="budget", kind="unit_allotment", text="佛财预", unit=world.mine.code
    )

    assert [a.pk for a in chosen] == [rich, empty]


def test_entries_are_paged_newest_first_with_both_sides_of_a_move(world: World) -> None:
    account, other = world.open("100.00"), world.open("50.00", owner=world.other)
    world.do("hold", account, "30.00", header=1)
    world.do("settle", account, "30.00", header=1)
    world.do("move", other, "20.00", to=account, header=2)
    kept = LedgerAccount.objects.get(pk=account)

    first = reading.entries(kept, size=2)
    second = reading.entries(kept, size=2, cursor=first.next)

    told = [(e.label, e.change, e.balance.available) for e in [*first.rows, *second.rows]]
    assert told == [("调入", 20, 90), ("核销", 0, 70), ("冻结", -30, 70), ("下达", 100, 100)]
    assert (first.rows[0].other_account, first.rows[0].header) == (other, 2)
    assert first.rows[0].actor_id == 7
    assert second.next == ""
    assert [e.label for e in reading.entries(LedgerAccount.objects.get(pk=other)).rows] == [
        "调出",
        "下达",
    ]


def test_open_holds_tell_who_holds_the_money(world: World) -> None:
    account = world.open("100.00")
    world.do("hold", account, "30.00", header=1)
    world.do("hold", account, "20.00", header=2)
    world.do("release", account, "30.00", header=1)
    world.do("settle", account, "5.00", header=2)

    (one,) = reading.open_holds(LedgerAccount.objects.get(pk=account))

    assert (one.header, one.seq, one.amount) == (2, 1, Decimal("15.00"))


def test_balances_as_they_were_at_an_instant(world: World) -> None:
    account, other = world.open("100.00"), world.open(owner=world.other)
    later, latest = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    world.do("hold", account, "30.00", header=1, posted_at=later)
    world.do("move", account, "20.00", to=other, header=2, posted_at=latest)

    def at(moment: object) -> dict[int, tuple[Decimal, Decimal]]:
        read = asof.balances([account, other], at=moment)  # type: ignore[arg-type]
        return {key: (b.available, b.held) for key, b in read.items()}

    assert at(NOW - timedelta(seconds=1)) == {account: (0, 0), other: (0, 0)}
    assert at(NOW) == {account: (100, 0), other: (0, 0)}
    assert at(later) == {account: (70, 30), other: (0, 0)}
    assert at(latest) == {account: (50, 30), other: (20, 0)}


def test_time_never_runs_backwards_within_an_account(world: World) -> None:
    account = world.open("100.00")
    world.do("hold", account, "30.00", posted_at=NOW + timedelta(minutes=5))

    world.do("hold", account, "10.00", posted_at=NOW)

    at = asof.balances([account], at=NOW + timedelta(minutes=5))[account]
    assert at == Balance(Decimal(100), Decimal(0), Decimal(40), Decimal(0))
    assert asof.balances([account], at=NOW)[account].held == Decimal(0)


def test_every_entry_prints_as_a_balanced_pair(world: World) -> None:
    pairs = [Pair(verb, f"D-{verb}", "借", f"C-{verb}", "贷", verb == "reverse") for verb in WAYS]
    said = {"book": "budget", "kind": "unit_allotment", "edition": "试行", "confidence": "未核实"}
    presentation.keep(pairs, fiscal_year=YEAR, **said)
    account, other = world.open("100.00"), world.open(owner=world.other)
    for verb in ("hold", "settle", "reverse"):
        world.do(verb, account, "30.00", header=1)
    world.post([Posting("move", account, Decimal(5), 2, 1, other)])

    legs = presentation.of_document(1, fiscal_year=YEAR)
    moved = presentation.of_document(2, fiscal_year=YEAR)
    turnover = presentation.trial_balance(fiscal_year=YEAR, book="budget")

    assert [(leg.side, leg.code, leg.debit, leg.credit) for leg in legs[-2:]] == [
        ("debit", "D-reverse", Decimal(-30), Decimal(0)),
        ("credit", "C-reverse", Decimal(0), Decimal(-30)),
    ]
    assert [leg.account for leg in moved] == [account, other]
    assert sum(row[2] for row in turnover) == sum(row[3] for row in turnover) == Decimal(135)


def test_a_later_mapping_replaces_the_earlier(world: World) -> None:
    said = {"fiscal_year": YEAR, "book": "b", "kind": "k", "edition": "一", "confidence": "高"}
    presentation.keep(
        [Pair("grant", "1", "甲", "2", "乙"), Pair("hold", "1", "甲", "2", "乙")], **said
    )

    presentation.keep([Pair("grant", "3", "丙", "4", "丁")], **{**said, "edition": "二"})

    with connection.cursor() as cursor:
        cursor.execute("SELECT verb, debit_code, edition FROM ledger_presentation WHERE book = 'b'")
        assert cursor.fetchall() == [("grant", "3", "二")]
    with pytest.raises(ValueError, match="no verb"):
        Pair("steal", "1", "甲", "2", "乙")
