"""The writer: what each verb does, and every refusal, alone and in a batch alike."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.ledger_world import (
    CITY,
    DIVISION,
    NOW,
    TODAY,
    YEAR,
    World,
    figures,
    found,
    reasons,
    see,
    spec,
)

from shucai.base.errors import Refused
from shucai.kernel.calendar import periods
from shucai.kernel.ledger import errors
from shucai.kernel.ledger.accounts import open_accounts, set_control, try_open
from shucai.kernel.ledger.models import LedgerAccount, LedgerEntry, LedgerHold
from shucai.kernel.ledger.posting import LINES_MAX, Posted, Posting, Shortage
from shucai.kernel.ledger.terms import Control

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return found()


CODES = {
    "short": "LED-1001",
    "overdrawn": "LED-1002",
    "already_granted": "LED-1003",
    "already_ungranted": "LED-1004",
    "duplicate_hold": "LED-1005",
    "no_hold": "LED-1006",
    "already_settled": "LED-1007",
    "already_released": "LED-1008",
    "exceeds_hold": "LED-1009",
    "not_settled": "LED-1010",
    "already_reversed": "LED-1011",
    "exceeds_settled": "LED-1012",
    "already_moved": "LED-1013",
    "same_account": "LED-1014",
    "foreign": "LED-1015",
    "other_year": "LED-1016",
    "amount": "LED-1017",
    "not_announced": "LED-1018",
    "exceeds_granted": "LED-1019",
    "line_twice": "LED-1023",
    "closed": "CAL-1001",
}


def told(posted: Posted, world: World, account: int | None) -> str:
    """The text a person reads for the only refusal."""
    (lines,) = posted.refused.values()
    (one,) = lines
    return said(one, account)


def said(one: Shortage, account: int | None) -> str:
    """The text for one refused line, under the code that its reason always has."""
    kept = LedgerAccount.objects.filter(pk=account).first()
    text = errors.explain(one, account=kept, place="lines[1].allotment").text
    assert text.endswith(f"（{CODES[one.reason]}）")
    return text


def test_verbs_move_amounts_between_buckets(world: World) -> None:
    account = world.open("100.00")

    world.do("hold", account, "60.00", header=1)
    assert figures(account) == ("100.00", "0.00", "60.00", "0.00", "40.00")
    world.do("settle", account, "45.00", header=1)
    assert figures(account) == ("100.00", "0.00", "15.00", "45.00", "40.00")
    world.do("release", account, "15.00", header=1)
    assert figures(account) == ("100.00", "0.00", "0.00", "45.00", "55.00")
    world.do("reverse", account, "5.00", header=1)
    assert figures(account) == ("100.00", "0.00", "0.00", "40.00", "60.00")
    posted = world.do("ungrant", account, "60.00", header=2)
    assert figures(account) == ("40.00", "0.00", "0.00", "40.00", "0.00")
    assert posted.balances[account].available == Decimal(0)


def test_announced_money_is_usable_only_when_activated(world: World) -> None:
    account = world.open()

    world.do("announce", account, "80.00", header=1)
    short = world.do("hold", account, "10.00", header=2)
    world.do("activate", account, "80.00", header=1)
    held = world.do("hold", account, "10.00", header=2)

    assert reasons(short) == [(1, "short")]
    assert not held.refused
    assert figures(account) == ("80.00", "0.00", "10.00", "0.00", "70.00")


def test_money_may_be_announced_before_the_year_and_retracted(world: World) -> None:
    account, early = world.open(), date(2025, 11, 20)

    announced = world.do("announce", account, "80.00", header=1, business_date=early)
    granted = world.do("grant", account, "80.00", header=2, business_date=early)
    retracted = world.do("retract", account, "80.00", header=1, business_date=early)
    again = world.do("retract", account, "80.00", header=1)

    assert not announced.refused
    assert not retracted.refused
    assert reasons(granted) == [(1, "closed")]
    assert reasons(again) == [(1, "not_announced")]
    assert "没有待生效的额度" in told(again, world, account)
    assert figures(account) == ("0.00", "0.00", "0.00", "0.00", "0.00")


def test_a_move_carries_money_to_another_account(world: World) -> None:
    source, target = world.open("100.00"), world.open("5.00", owner=world.other)

    posted = world.do("move", source, "30.00", to=target, header=1)
    again = world.do("move", source, "30.00", to=target, header=1)
    onto_itself = world.do("move", source, "30.00", to=source, header=2)

    assert posted.balances[source].available == Decimal("70.00")
    assert posted.balances[target].available == Decimal("35.00")
    assert figures(target) == ("35.00", "0.00", "0.00", "0.00", "35.00")
    assert "此前已从" in told(again, world, source)
    assert "调出和调入都是" in told(onto_itself, world, source)


@pytest.mark.parametrize("batch", [False, True], ids=["single", "batch"])
class TestRefusals:
    """Each is asked alone and as one document of a batch; both must say the same."""

    def ask(self, world: World, batch: bool, *line: Any) -> Posted:
        verb, account, amount, header = line
        lines = [Posting(verb, account, Decimal(amount), header, 1)]
        if batch:
            lines += [Posting("grant", world.open(), Decimal(1), next(world.headers), 1)]
        return world.post(lines, mode="each" if batch else "atomic")

    def test_short(self, world: World, batch: bool) -> None:
        account = world.open("100.00")

        posted = self.ask(world, batch, "hold", account, "120.50", 1)

        assert reasons(posted) == [(1, "short")]
        assert "第 1 行 120.50 元，可用 100.00 元，差 20.50 元" in told(posted, world, account)
        assert figures(account)[2:] == ("0.00", "0.00", "100.00")

    def test_duplicate_hold(self, world: World, batch: bool) -> None:
        account = world.open("100.00")
        world.do("hold", account, "30.00", header=1)

        posted = self.ask(world, batch, "hold", account, "30.00", 1)

        assert reasons(posted) == [(1, "duplicate_hold")]
        assert "已冻结 30.00 元" in told(posted, world, account)

    @pytest.mark.parametrize("verb", ["settle", "release"])
    def test_no_hold(self, world: World, batch: bool, verb: str) -> None:
        account = world.open("100.00")

        posted = self.ask(world, batch, verb, account, "30.00", 1)

        assert reasons(posted) == [(1, "no_hold")]
        assert "没有冻结过额度，本次需 30.00 元" in told(posted, world, account)

    @pytest.mark.parametrize("verb", ["settle", "release"])
    def test_already_settled(self, world: World, batch: bool, verb: str) -> None:
        account = world.open("100.00")
        world.do("hold", account, "30.00", header=1)
        world.do("settle", account, "30.00", header=1)

        posted = self.ask(world, batch, verb, account, "30.00", 1)

        assert reasons(posted) == [(1, "already_settled")]
        assert "已全部核销" in told(posted, world, account)

    @pytest.mark.parametrize("verb", ["settle", "release"])
    def test_already_released(self, world: World, batch: bool, verb: str) -> None:
        account = world.open("100.00")
        world.do("hold", account, "30.00", header=1)
        world.do("release", account, "30.00", header=1)

        posted = self.ask(world, batch, verb, account, "30.00", 1)

        assert reasons(posted) == [(1, "already_released")]
        assert "已全部释放" in told(posted, world, account)

    def test_exceeds_hold(self, world: World, batch: bool) -> None:
        account = world.open("100.00")
        world.do("hold", account, "30.00", header=1)
        world.do("settle", account, "20.00", header=1)

        posted = self.ask(world, batch, "settle", account, "20.00", 1)

        assert reasons(posted) == [(1, "exceeds_hold")]
        assert "还冻结 10.00 元，本次 20.00 元，超出 10.00 元" in told(posted, world, account)

    def test_not_settled(self, world: World, batch: bool) -> None:
        account = world.open("100.00")
        world.do("hold", account, "30.00", header=1)

        posted = self.ask(world, batch, "reverse", account, "30.00", 1)

        assert reasons(posted) == [(1, "not_settled")]
        assert "没有核销过额度" in told(posted, world, account)

    @pytest.mark.parametrize("verb", ["settle", "reverse"])
    def test_already_reversed(self, world: World, batch: bool, verb: str) -> None:
        account = world.open("100.00")
        for earlier in ("hold", "settle", "reverse"):
            world.do(earlier, account, "30.00", header=1)

        posted = self.ask(world, batch, verb, account, "30.00", 1)

        assert reasons(posted) == [(1, "already_reversed")]
        assert "已全部红冲" in told(posted, world, account)

    def test_exceeds_settled(self, world: World, batch: bool) -> None:
        account = world.open("100.00")
        world.do("hold", account, "30.00", header=1)
        world.do("settle", account, "30.00", header=1)
        world.do("reverse", account, "25.00", header=1)

        posted = self.ask(world, batch, "reverse", account, "25.00", 1)

        assert reasons(posted) == [(1, "exceeds_settled")]
        assert "未红冲 5.00 元，本次 25.00 元，超出 20.00 元" in told(posted, world, account)

    def test_already_granted(self, world: World, batch: bool) -> None:
        account = world.open()
        world.do("grant", account, "30.00", header=1)

        posted = self.ask(world, batch, "grant", account, "30.00", 1)

        assert reasons(posted) == [(1, "already_granted")]
        assert "本行 30.00 元此前已下达" in told(posted, world, account)

    def test_already_ungranted(self, world: World, batch: bool) -> None:
        account = world.open("100.00")
        world.do("grant", account, "30.00", header=1)
        world.do("ungrant", account, "30.00", header=1)

        posted = self.ask(world, batch, "ungrant", account, "30.00", 1)

        assert reasons(posted) == [(1, "already_ungranted")]
        assert "此前已从" in told(posted, world, account)

    def test_foreign_and_unknown_are_told_alike(self, world: World, batch: bool) -> None:
        theirs = world.open("100.00", owner=world.other)
        see(world.mine.path)

        foreign = world.do("hold", theirs, "1.00", header=1)
        unknown = world.do("hold", 999_999_999, "1.00", header=1)

        assert reasons(foreign) == reasons(unknown) == [(1, "foreign")]
        assert told(foreign, world, None) == told(unknown, world, None)
        see()
        assert figures(theirs)[4] == "100.00"

    def test_another_office_is_foreign(self, world: World, batch: bool) -> None:
        account = world.open("100.00")
        see(CITY, office="教科文科")

        posted = world.post(
            [Posting("hold", account, Decimal(1), 1, s) for s in range(1, 2 + batch)]
        )

        assert set(reasons(posted)) == {(s, "foreign") for s in range(1, 2 + batch)}

    def test_closed_period(self, world: World, batch: bool) -> None:
        account = world.open("100.00")
        periods.change(
            division=DIVISION, fiscal_year=YEAR, month=3, state="closed", actor_id=1, at=NOW
        )

        posted = world.post(
            [Posting("hold", account, Decimal(1), 1, s) for s in range(1, 2 + batch)],
        )

        assert {reason for _, reason in reasons(posted)} == {"closed"}
        one = next(iter(posted.refused.values()))[0]
        assert "2026 年 3 月不能记账" in said(one, account)

    def test_other_year(self, world: World, batch: bool) -> None:
        account = world.open("100.00")
        periods.open_year(divisions=[DIVISION], fiscal_year=2027)

        posted = world.post(
            [Posting("hold", account, Decimal(1), 1, s) for s in range(1, 2 + batch)],
            fiscal_year=2027,
            business_date=date(2027, 1, 4),
        )

        assert {reason for _, reason in reasons(posted)} == {"other_year"}
        one = next(iter(posted.refused.values()))[0]
        assert "不属于 2027 年度" in said(one, account)

    @pytest.mark.parametrize("amount", ["0", "-5.00", "1.005"])
    def test_bad_amounts(self, world: World, batch: bool, amount: str) -> None:
        account = world.open("100.00")

        posted = self.ask(world, batch, "hold", account, amount, 1)

        assert reasons(posted) == [(1, "amount")]
        assert "最多两位小数" in told(posted, world, account)

    def test_exceeds_granted(self, world: World, batch: bool) -> None:
        account = world.open("10.00", control="none")

        posted = self.ask(world, batch, "ungrant", account, "30.00", 1)

        assert reasons(posted) == [(1, "exceeds_granted")]
        assert "共下达 10.00 元，本次 30.00 元，超出 20.00 元" in told(posted, world, account)

    def test_warned_but_let_through(self, world: World, batch: bool) -> None:
        account = world.open("10.00", control="warn")

        posted = self.ask(world, batch, "hold", account, "30.00", 1)

        assert not posted.refused
        (one,) = posted.warned[1]
        assert "可用 10.00 元，超出 20.00 元" in said(one, account)
        assert figures(account)[4] == "-20.00"

    def test_uncontrolled_account_only_records(self, world: World, batch: bool) -> None:
        account = world.open(control="none")

        posted = self.ask(world, batch, "hold", account, "30.00", 1)

        assert not posted.refused
        assert not posted.warned
        assert figures(account)[4] == "-30.00"

    def test_negative_but_rising_is_let_through(self, world: World, batch: bool) -> None:
        account = world.open("10.00", control="none")
        world.do("hold", account, "30.00", header=1)
        set_control([account], control=Control.HARD)

        falling = self.ask(world, batch, "hold", account, "1.00", 2)
        rising = self.ask(world, batch, "grant", account, "5.00", 3)

        assert reasons(falling) == [(1, "short")]
        assert not rising.refused
        assert figures(account)[4] == "-15.00"

    def test_a_return_and_a_new_hold_are_no_duplicate(self, world: World, batch: bool) -> None:
        account = world.open("100.00")

        for verb in ("hold", "release", "hold", "settle"):
            assert not self.ask(world, batch, verb, account, "100.00", 1).refused

        assert figures(account) == ("100.00", "0.00", "0.00", "100.00", "0.00")
        kept = LedgerHold.objects.get(header_id=1, seq=1, account_id=account)
        assert (kept.held, kept.settled, kept.released) == (200, 100, 100)


def test_adjustments_after_the_year_belong_to_period_13(world: World) -> None:
    account, after = world.open("100.00"), date(2027, 1, 9)

    open_13 = world.do("hold", account, "1.00", business_date=after)
    periods.change(
        division=DIVISION, fiscal_year=YEAR, month=13, state="closed", actor_id=1, at=NOW
    )
    closed_13 = world.do("hold", account, "1.00", business_date=after)

    assert not open_13.refused
    assert "2026 年 13 月不能记账" in told(closed_13, world, account)


def test_documents_are_taken_in_order_while_the_money_lasts(world: World) -> None:
    account, plenty = world.open("100.00"), world.open("1000.00")

    posted = world.post(
        [
            Posting("hold", account, Decimal(60), 1, 1),
            Posting("hold", plenty, Decimal(10), 2, 1),
            Posting("hold", account, Decimal(60), 2, 2),  # does not fit: all of document 2 is out
            Posting("hold", account, Decimal(40), 3, 1),  # the rest goes to document 3
            Posting("hold", plenty, Decimal(10), 4, 1),
            Posting("hold", account, Decimal("0.01"), 5, 1),
        ],
        mode="each",
    )

    assert {header: [s.seq for s in lines] for header, lines in posted.refused.items()} == {
        2: [2],
        5: [1],
    }
    assert posted.refused[2][0].available == Decimal(40)
    assert posted.refused[5][0].available == Decimal(0)
    assert posted.balances[account].held == Decimal(100)
    assert figures(plenty)[2] == "10.00"


def test_lines_of_one_document_share_what_is_there(world: World) -> None:
    account = world.open("100.00")
    lines = [
        Posting("hold", account, Decimal(60), 1, 1),
        Posting("hold", account, Decimal(60), 1, 2),
    ]

    posted = world.post(lines)

    (one,) = posted.refused[1]
    assert (one.seq, one.available) == (2, Decimal(40))
    assert figures(account)[2] == "0.00"


def test_atomic_refuses_everything_and_tells_all_reasons(world: World) -> None:
    first, second = world.open("10.00"), world.open("10.00")

    posted = world.post(
        [
            Posting("hold", first, Decimal(20), 1, 1),
            Posting("hold", second, Decimal(5), 2, 1),
            Posting("settle", second, Decimal(5), 3, 1),
        ]
    )

    assert {h: lines[0].reason for h, lines in posted.refused.items()} == {1: "short", 3: "no_hold"}
    assert posted.balances == {}
    assert not LedgerEntry.objects.filter(header_id__in=[1, 2, 3]).exists()


def test_the_same_line_twice_in_one_call_is_refused(world: World) -> None:
    account = world.open("100.00")

    posted = world.post([Posting("hold", account, Decimal(1), 1, 1)] * 2)

    assert {reason for _, reason in reasons(posted)} == {"line_twice"}
    one = posted.refused[1][0]
    assert "出现两次" in said(one, account)


def test_money_moved_in_can_be_used_by_a_later_document_of_the_batch(world: World) -> None:
    rich, poor = world.open("100.00"), world.open()

    posted = world.post(
        [
            Posting("move", rich, Decimal(30), 1, 1, poor),
            Posting("hold", poor, Decimal(30), 2, 1),
            Posting("hold", poor, Decimal(1), 3, 1),
        ],
        mode="each",
    )

    assert list(posted.refused) == [3]
    entries = LedgerEntry.objects.filter(header_id__in=[1, 2]).order_by("id")
    assert [(e.verb, e.granted, e.to_granted, e.held) for e in entries] == [
        ("move", Decimal(70), Decimal(30), Decimal(0)),
        ("hold", Decimal(30), None, Decimal(30)),
    ]
    assert figures(poor) == ("30.00", "0.00", "30.00", "0.00", "0.00")


def test_every_entry_keeps_the_balances_it_left_behind(world: World) -> None:
    account = world.open("100.00")

    world.post([Posting("hold", account, Decimal(10), h, s) for h in (1, 2) for s in (1, 2)])

    kept = LedgerEntry.objects.filter(account_id=account).order_by("id")
    assert [(e.granted, e.held) for e in kept] == [
        (100, 0),
        (100, 10),
        (100, 20),
        (100, 30),
        (100, 40),
    ]


@pytest.mark.parametrize("lines", [1, 3])
def test_a_repeat_under_the_same_key_returns_the_first_answer(world: World, lines: int) -> None:
    account = world.open("100.00")
    wanted = [Posting("hold", account, Decimal(10), 1, s) for s in range(1, lines + 1)]
    first = world.post(wanted, key="again")
    world.do("hold", account, "50.00")

    second = world.post(wanted, key="again")

    assert not first.replayed
    assert second.replayed
    assert second.balances == first.balances
    assert figures(account)[2] == f"{50 + 10 * lines}.00"


def test_a_repeat_of_a_mixed_answer_tells_the_same_refusals(world: World) -> None:
    account = world.open("15.00")
    wanted = [Posting("hold", account, Decimal(10), h, 1) for h in (1, 2)]
    first = world.post(wanted, key="mixed", mode="each")
    world.do("grant", account, "50.00")

    second = world.post(wanted, key="mixed", mode="each")

    assert second.replayed
    assert (second.balances, second.refused) == (first.balances, first.refused)


@pytest.mark.parametrize("lines", [1, 2])
def test_a_key_used_for_something_else_is_refused(world: World, lines: int) -> None:
    account = world.open("100.00")
    world.post([Posting("hold", account, Decimal(10), 1, s + 1) for s in range(lines)], key="once")

    with pytest.raises(Refused) as refusal:
        world.post(
            [Posting("hold", account, Decimal(11), 1, s + 1) for s in range(lines)], key="once"
        )

    assert refusal.value.code == "LED-1020"
    assert figures(account)[2] == f"{10 * lines}.00"


def test_what_was_refused_is_judged_again(world: World) -> None:
    account = world.open("5.00")
    wanted = [Posting("hold", account, Decimal(10), 1, 1)]

    refused = world.post(wanted, key="later")
    world.do("grant", account, "5.00")
    posted = world.post(wanted, key="later")

    assert refused.refused
    assert not posted.refused
    assert not posted.replayed


def test_large_batches_are_posted_in_chunks_all_or_nothing(world: World) -> None:
    account = world.open(f"{LINES_MAX + 10}.00")
    lines = [Posting("hold", account, Decimal(1), 10_000_000 + n, 1) for n in range(LINES_MAX + 20)]

    refused = world.post(lines, key="large")
    untouched = figures(account)
    posted = world.post(lines, key="large", mode="each")
    again = world.post(lines, key="large", mode="each")

    assert len(refused.refused) == 10
    assert untouched[2] == "0.00"
    assert len(posted.refused) == 10
    assert posted.balances[account].available == Decimal(0)
    assert again.replayed
    assert again.balances[account] == posted.balances[account]


def test_the_same_number_with_the_same_elements_is_the_same_account(world: World) -> None:
    first, again = open_accounts([spec(world.mine, "佛财预〔2026〕9号-01")] * 2)

    assert first == again


def test_a_number_taken_by_other_elements_is_refused(world: World) -> None:
    open_accounts([spec(world.mine, "佛财预〔2026〕9号-01", function_code="2010101")])

    with pytest.raises(Refused) as refusal:
        open_accounts([spec(world.mine, "佛财预〔2026〕9号-01", function_code="2010102")])

    assert refusal.value.code == "LED-1021"
    assert "已开立给“单位105001”，要素或单位与本行不同：支出功能分类" in str(refusal.value)


def test_accounts_are_opened_within_scope_only(world: World) -> None:
    see(world.mine.path)

    mine, theirs = try_open([spec(world.mine, "甲"), spec(world.other, "乙")])

    assert mine.account is not None
    assert theirs.account is None
    assert theirs.refusal is not None
    assert theirs.refusal.code == "LED-1022"


def test_a_number_taken_out_of_sight_says_nothing_of_its_owner(world: World) -> None:
    open_accounts([spec(world.other, "甲")])
    see(world.mine.path)

    (mine,) = try_open([spec(world.mine, "甲")])

    assert mine.refusal is not None
    assert mine.refusal.code == "LED-1021"
    assert "单位205001" not in mine.refusal.text


def test_nothing_to_post_is_nothing_posted(world: World) -> None:
    assert world.post([]).balances == {}
    assert TODAY.year == YEAR


def test_every_reason_of_the_writer_has_a_code_of_its_own() -> None:
    assert {reason: problem.code for reason, problem in errors.BY_REASON.items()} == CODES
