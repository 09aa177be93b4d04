"""A small city for tests of documents: two units, the finance bureau, people, and a catalogue.

`found()` makes it inside the test's transaction (or commits it, in a fresh database). People are
plain actors: the pipeline asks what somebody may do, not how he signed in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction

from shucai.kernel.calendar import periods
from shucai.kernel.document import drafts, pipeline
from shucai.kernel.document.action import Action, Outcome
from shucai.kernel.document.declare import DocumentType, types
from shucai.kernel.document.models import Header
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.masterdata.models import Unit, Value, ValueSet

YEAR = 2026
TODAY = date(2026, 3, 16)
NOW = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)
DIVISION, CITY = "440600000", "4406/440600"
OTHER_DIVISION, DISTRICT = "440604000", "4406/440604"
VALUES = {
    "functional": [("2050203", "初中教育"), ("2010101", "行政运行")],
    "economic_gov": [("50201", "办公经费"), ("50502", "商品和服务支出")],
    "economic_dept": [("30201", "办公费"), ("30211", "差旅费")],
    "fund_type": [("111", "一般公共预算资金")],
    "budget_source": [("1", "年初预算")],
}


@dataclass
class World:
    """The people and units, and short ways to make and move documents."""

    school: Unit
    other: Unit
    finance: Unit
    district_unit: Unit
    people: dict[str, Actor]
    minutes: "count[int]" = field(default_factory=count)

    def now(self) -> datetime:
        """Every act of the test has an instant of its own."""
        return NOW + timedelta(minutes=next(self.minutes))

    def draft(
        self,
        code: str,
        who: str,
        *,
        fields: Mapping[str, Any] | None = None,
        lines: Sequence[Mapping[str, Any]] | None = None,
        **more: Any,
    ) -> Header:
        kind = types()[code]
        return drafts.save(
            drafts.Draft(
                type=kind,
                actor=self.people[who],
                now=self.now(),
                today=more.pop("today", TODAY),
                fields=fields or {},
                lines=lines or [],
                **more,
            )
        )

    def do(self, code: str, numbers: Sequence[str], name: str, who: str, **more: Any) -> Outcome:
        return pipeline.run(self.action(code, numbers, name, who, **more))

    def action(self, code: str, numbers: Sequence[str], name: str, who: str, **more: Any) -> Action:
        said = {"now": self.now(), "today": TODAY, "opinion": "情况属实", **more}
        return Action(type=code, numbers=list(numbers), name=name, actor=self.people[who], **said)

    def see(self, who: str) -> None:
        """Reads after this are within that person's scope."""
        scope.apply(self.people[who])

    def allot(self, amount: str = "10000.00", *, unit: Unit | None = None, lines: int = 1) -> str:
        """An issued grant; returns the number of its first allotment."""
        doc_no = f"佛财预〔2026〕{next(self.minutes)}号"
        header = self.draft(
            "allotment.grant",
            "planner",
            fields={"doc_no": doc_no, "title": "年初预算", "source": "1"},
            lines=[self.grant_line(amount, unit=unit) for _ in range(lines)],
        )
        address = header.address
        for name, who in (
            ("submit", "planner"),
            ("approve", "plan_reviewer"),
            ("issue", "issuer"),
        ):
            outcome = self.do("allotment.grant", [address], name, who)
            assert outcome.ok, outcome.results
            address = outcome.results[0].number
        return f"{doc_no}-01"

    def grant_line(self, amount: str, *, unit: Unit | None = None) -> dict[str, Any]:
        return {
            "receiver": (unit or self.school).code,
            "function": "2050203",
            "gov_economy": "50502",
            "dep_economy": "30201",
            "fund_type": "111",
            "project": "日常公用经费",
            "amount": amount,
        }

    def payment(self, allotment: str, *amounts: str, who: str = "clerk", **more: Any) -> Header:
        """A draft payment with one line for each amount."""
        return self.draft(
            "payment.application",
            who,
            fields={**PAYEE, **more},
            lines=[
                {"allotment": allotment, "purpose": "办公用品", "amount": amount}
                for amount in amounts
            ],
        )

    def balance(self, number: str) -> tuple[str, str, str, str]:
        """Granted, held, spent, available, as text."""
        self.see("treasurer")
        kept = LedgerAccount.objects.get(number=number)
        figures = (kept.granted, kept.held, kept.spent, kept.available)
        return tuple(f"{amount:.2f}" for amount in figures)  # type: ignore[return-value]


PAYEE = {
    "method": "12",
    "settlement": "1",
    "payee_name": "佛山市新苑办公用品有限公司",
    "payee_account": "6222081010077263182",
    "payee_bank": "中国工商银行佛山分行",
}


def found() -> World:
    """Makes the city; the caller holds a transaction, or everything is committed at once."""
    with transaction.atomic():
        periods.open_year(divisions=[DIVISION, OTHER_DIVISION], fiscal_year=YEAR)
        _catalogue()
        school = _unit("105001", "市第一中学", office="教科文科")
        other = _unit("205001", "市水利局", office="农业农村科")
        finance = _unit("301001", "市财政局", office="行政政法科")
        district = _unit("105001", "禅城区第一小学", path=DISTRICT, division=OTHER_DIVISION)
    return World(
        school=school,
        other=other,
        finance=finance,
        district_unit=district,
        people=people_of(school, other, finance, district),
    )


def _catalogue() -> None:
    for code, values in VALUES.items():
        kept, _ = ValueSet.objects.get_or_create(code=code, defaults={"name": code})
        for value, name in values:
            Value.objects.get_or_create(
                value_set=kept,
                fiscal_year=YEAR,
                division="",
                code=value,
                defaults={"name": name, "level": 1, "is_leaf": True},
            )


def _unit(
    code: str, name: str, *, office: str = "", path: str = CITY, division: str = DIVISION
) -> Unit:
    return Unit.objects.create(
        code=code,
        name=name,
        division_code=division,
        path=f"{path}/{code[:3]}/{code}",
        level=2,
        office=office,
    )


def people_of(school: Unit, other: Unit, finance: Unit, district: Unit) -> dict[str, Actor]:
    def at(user_id: int, name: str, unit: Unit, path: str, *duties: str) -> Actor:
        return Actor(
            user_id=user_id,
            name=name,
            position_name=duties[0].split(".")[-1],
            duties=frozenset(duties),
            scope_path=path,
            office="",
            unit_code=unit.code,
            unit_name=unit.name,
            division=unit.division_code,
            fiscal_year=YEAR,
        )

    return {
        "clerk": at(1, "王晓萌", school, school.path, "payment.preparer"),
        "reviewer": at(2, "李建国", school, school.path, "payment.reviewer"),
        "treasurer": at(3, "周敏", finance, CITY, "payment.treasurer"),
        "other_clerk": at(4, "陈岚", other, other.path, "payment.preparer"),
        "planner": at(5, "何志强", finance, CITY, "allotment.preparer"),
        "plan_reviewer": at(6, "梁慧", finance, CITY, "allotment.reviewer"),
        "issuer": at(7, "黄伟", finance, CITY, "allotment.issuer"),
        "district_clerk": at(8, "区小玲", district, district.path, "payment.preparer"),
        "everything": at(
            9, "全能", finance, CITY, "payment.preparer", "payment.reviewer", "payment.treasurer"
        ),
        "nobody": at(10, "无职责", school, school.path, "masterdata.keeper"),
    }


def as_person(world: World, who: str, **changes: Any) -> None:
    """Another version of a person, for example in another year."""
    world.people[who] = replace(world.people[who], **changes)


def kinds() -> list[DocumentType]:
    return list(types().values())
