"""支付的编排 planning payments: payroll by month or quarter, and what units buy in between."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from shucai.site.demo.data import Facts
from shucai.site.demo.grants import PAYROLL, Allotment
from shucai.site.demo.people import clerk_of, prefix
from shucai.site.demo.story import DocumentPlan, Story, chosen, instant, text, working_day
from shucai.site.demo.units import UnitPlan

TYPE: Final = "payment.application"
DIRECT, AUTHORISED = "11", "12"
TRANSFER, CARD = "1", "7"
RECENT: Final = timedelta(days=12)
# What lies on the desks of a unit whose people act themselves: yesterday's first.
LAST_ENDS: Final = ("draft", "submit", "submit", "return", "approve", "submit", "approve", "pay")
OPINIONS: Final = ("同意支付", "情况属实，同意支付", "手续齐全，同意", "已核对合同和发票，同意支付")
RETURNS: Final = ("请补充合同或发票", "用途与指标不符，请核对", "收款人账号与合同不一致，请更正")


@dataclass(slots=True)
class _Purse:
    """An allotment and what the plan has left of it."""

    allotment: Allotment
    left: Decimal = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.allotment.amount

    def take(self, wanted: Decimal) -> Decimal:
        """At most what is left; whole hundredths."""
        amount = min(self.left, wanted.quantize(Decimal("0.01")))
        self.left -= amount
        return amount


class Payments:
    """Plans the payments of all units. Units in `lively` act themselves, document by document;
    for the others the accounting centre of the division works in batches.
    """

    def __init__(
        self,
        facts: Facts,
        allotments: Sequence[Allotment],
        story: Story,
        *,
        until: date,
        lively: Sequence[UnitPlan],
        shown: Sequence[UnitPlan],
    ) -> None:
        self._facts, self._story, self._until = facts, story, until
        self._lively, self._shown = lively, shown
        self._purses: dict[tuple[int, str, str], list[_Purse]] = defaultdict(list)
        self._units: dict[tuple[str, str], UnitPlan] = {}
        for one in allotments:
            self._purses[one.year, one.unit.division, one.unit.code].append(_Purse(one))
            self._units[one.unit.division, one.unit.code] = one.unit

    def plan(self) -> None:
        for unit in self._lively:
            self._own_payments(unit)
        others = [unit for unit in self._units.values() if unit not in self._lively]
        for division in self._facts.divisions:
            mine = [unit for unit in others if unit.division == division["code"]]
            self._last_year(division["code"], mine)
            self._by_center(division["code"], mine)

    # units that act themselves

    def _own_payments(self, unit: UnitPlan) -> None:
        """Payroll every month and two or so purchases, each on its own day."""
        dice = self._dice(unit.division, unit.code)
        for month in range(1, self._until.month + 1):
            wanted = [*self._payroll(unit, (month,), dice)] if month > 1 else []
            wanted += self._purchases(unit, month, dice, dice.randint(1, 2))
            for place, make in enumerate(wanted):
                day = working_day(date(2026, month, min(28, 12 + place * 5 + dice.randrange(3))))
                if date(2026, 1, 15) < day < self._until - RECENT:
                    self._alone(unit, make(day), day, dice)
        makers = self._purchases(unit, self._until.month, dice, len(LAST_ENDS))
        for ago, (end, make) in enumerate(zip(LAST_ENDS, makers, strict=False), start=1):
            day = self._until - timedelta(days=ago)
            self._alone(unit, make(day), day, dice, end=end)

    def _alone(
        self, unit: UnitPlan, document: DocumentPlan, day: date, dice: Any, *, end: str = ""
    ) -> None:
        clerk = clerk_of(self._facts, unit, self._shown)
        reviewer = clerk_of(self._facts, unit, self._shown, role="sh")
        treasurer = prefix(self._facts, unit.division) + "zhifu"
        end = end or self._end(day, dice)
        add, one = self._story.add, [document]
        opinion = chosen(OPINIONS, dice)
        minute = dice.randrange(60)
        add(instant(day, hour=9, minute=minute), clerk, "save", one)
        if end == "draft":
            return
        add(instant(day, hour=11, minute=minute), clerk, "submit", one)
        if end == "submit":
            return
        second = min(day + timedelta(days=dice.randrange(2)), self._until)
        if end == "return":
            reason = chosen(RETURNS, dice)
            add(instant(second, hour=15, minute=minute), reviewer, "return", one, opinion=reason)
            return
        add(instant(second, hour=15, minute=minute), reviewer, "approve", one, opinion=opinion)
        third = min(day + timedelta(days=2), self._until)
        self._finish(instant(third, hour=16, minute=minute), treasurer, end, one)

    # units served by the accounting centre

    def _by_center(self, division: str, units: Sequence[UnitPlan]) -> None:
        for month in range(2, self._until.month + 1):
            day = working_day(date(2026, month, 6 + self._dice(division, month).randrange(6)))
            if day + timedelta(days=4) > self._until:
                day = self._until - timedelta(days=4)
            documents = [
                document for unit in units for document in self._center_documents(unit, month, day)
            ]
            self._batch(division, documents, day)

    def _center_documents(self, unit: UnitPlan, month: int, day: date) -> Iterator[DocumentPlan]:
        """Payroll at the end of each quarter, now and then a purchase."""
        dice = self._dice(unit.division, unit.code, month)
        if month in (4, 7, 10):
            for make in self._payroll(unit, (month - 3, month - 2, month - 1), dice):
                yield make(day)
        if dice.random() < (0.45 if month == self._until.month else 0.2):
            for make in self._purchases(unit, month, dice, 1):
                yield make(day)

    def _last_year(self, division: str, units: Sequence[UnitPlan]) -> None:
        """2025 is over: everything was paid in one month or another."""
        by_month: dict[int, list[DocumentPlan]] = defaultdict(list)
        for unit in units:
            dice = self._dice(unit.division, unit.code, 2025)
            month = dice.randint(3, 12)
            day = working_day(date(2025, month, 10))
            purses = self._purses[2025, unit.division, unit.code]
            if purses:
                months = tuple(range(1, month + 1))
                by_month[month].append(self._pay_document(unit, purses, months, day, dice))
        for month, documents in sorted(by_month.items()):
            self._batch(division, documents, working_day(date(2025, month, 10)), all_paid=True)

    def _batch(
        self,
        division: str,
        documents: Sequence[DocumentPlan],
        day: date,
        *,
        all_paid: bool = False,
    ) -> None:
        before = prefix(self._facts, division)
        clerk, reviewer = before + "hesuan", before + "hsshenhe"
        dice = self._dice(division, day, "ends")
        ends = [(doc, "pay" if all_paid else self._end(day, dice)) for doc in documents]
        sent = [doc for doc, end in ends if end != "draft"]
        agreed = [doc for doc, end in ends if end not in ("draft", "submit", "return")]
        add = self._story.add
        add(instant(day, hour=9, minute=20), clerk, "save", documents)
        add(instant(day, hour=10, minute=40), clerk, "submit", sent)
        second = day + timedelta(days=1)
        add(instant(second, hour=10), reviewer, "return",
            [doc for doc, end in ends if end == "return"], opinion=RETURNS[0])  # fmt: skip
        add(instant(second, hour=11), reviewer, "approve", agreed, opinion=OPINIONS[1])
        third = instant(day + timedelta(days=2), hour=15)
        for end in ("pay", "reverse", "cancel"):
            self._finish(third, before + "zhifu", end, [d for d, reached in ends if reached == end])

    # the ends

    def _end(self, day: date, dice: Any) -> str:
        """How far a document gets; what is recent may still be on somebody's desk."""
        recent = day > self._until - RECENT
        options = (
            {"pay": 34, "approve": 24, "submit": 24, "draft": 10, "return": 8}
            if recent
            else {"pay": 94, "reverse": 2, "cancel": 3, "return": 1}
        )
        return str(dice.choices(list(options), weights=list(options.values()))[0])

    def _finish(self, at: Any, treasurer: str, end: str, documents: Sequence[DocumentPlan]) -> None:
        if end in ("pay", "reverse"):
            self._story.add(at, treasurer, "pay", documents, opinion="已支付")
        if end == "reverse":
            later = at + timedelta(hours=1)
            self._story.add(
                later, treasurer, "reverse", documents, opinion="收款人账户已销户，退款红冲"
            )
        if end == "cancel":
            self._story.add(at, treasurer, "cancel", documents, opinion="合同终止，单位申请作废")

    # documents

    def _payroll(self, unit: UnitPlan, months: Sequence[int], dice: Any) -> Iterator[Any]:
        purses = self._purses[2026, unit.division, unit.code][:PAYROLL]
        if purses:
            yield lambda day: self._pay_document(unit, purses, tuple(months), day, dice)

    def _purchases(self, unit: UnitPlan, month: int, dice: Any, wanted: int) -> Iterator[Any]:
        """Makers of purchases from allotments already issued that still have money."""
        opened = [
            purse
            for purse in self._purses[2026, unit.division, unit.code][PAYROLL:]
            if purse.allotment.since < date(2026, month, 1) and purse.left > 1000
        ]
        for purse in dice.sample(opened, min(wanted, len(opened))):
            yield lambda day, purse=purse: self._purchase(unit, purse, day, dice)

    def _pay_document(
        self,
        unit: UnitPlan,
        purses: Sequence[_Purse],
        months: tuple[int, ...],
        day: date,
        dice: Any,
    ) -> DocumentPlan:
        """One line for each part of pay, a twelfth of the year for each month."""
        said = f"{months[0]}—{months[-1]}" if len(months) > 1 else str(months[0])
        lines = []
        for purse in purses:
            share = purse.allotment.amount / 12 * len(months) * dice.randint(960, 998) / 1000
            purpose = self._pay(purse)["purposes"][0].format(month=said)
            lines.append(self._line(purse, purpose, purse.take(share)))
        payee = f"{_plain(unit)}（工资代发专户）"
        return self._document(unit, day, (DIRECT, TRANSFER, payee), lines)

    def _purchase(self, unit: UnitPlan, purse: _Purse, day: date, dice: Any) -> DocumentPlan:
        said = self._pay(purse)
        low, high = said["share"]
        share = Decimal(dice.randint(int(low * 1000), int(high * 1000))) / 1000
        cents = Decimal(dice.randrange(100)) / 100
        wanted = max(Decimal(100), (purse.allotment.amount * share).quantize(Decimal(1))) + cents
        purpose = chosen(said["purposes"], dice).format(month=day.month, year=day.year)
        payee = chosen(said["payees"], dice).format(unit=_plain(unit))
        settlement = CARD if said.get("card") else TRANSFER
        line = self._line(purse, purpose, purse.take(wanted))
        return self._document(unit, day, (AUTHORISED, settlement, payee), [line])

    def _pay(self, purse: _Purse) -> Mapping[str, Any]:
        said: Mapping[str, Any] = self._facts.spending["pay"][purse.allotment.dep_economy]
        return said

    def _line(self, purse: _Purse, purpose: str, amount: Decimal) -> dict[str, str]:
        return {"allotment": purse.allotment.number, "purpose": purpose, "amount": text(amount)}

    def _document(
        self,
        unit: UnitPlan,
        day: date,
        payment: tuple[str, str, str],
        lines: Sequence[Mapping[str, str]],
    ) -> DocumentPlan:
        method, settlement, payee = payment
        banks = self._facts.spending["banks"]
        dice = self._facts.dice("payee", payee)
        bank = dice.randrange(len(banks["names"]))
        return DocumentPlan(
            type=TYPE,
            year=day.year,
            unit=unit.code,
            division=unit.division,
            business_date=day,
            fields={
                "method": method,
                "settlement": settlement,
                "payee_name": payee,
                "payee_account": f"{banks['prefixes'][bank]}{dice.randrange(10**15):015}",
                "payee_bank": banks["names"][bank],
            },
            lines=tuple(lines),
        )

    def _dice(self, *topic: object) -> Any:
        return self._facts.dice("payment", *topic)


def _plain(unit: UnitPlan) -> str:
    return unit.name.removesuffix("（本级）")
