"""指标的编排 planning allotments: the year's budget in January, supplements during the year."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from shucai.site.demo.data import Facts
from shucai.site.demo.people import FINANCE, prefix
from shucai.site.demo.story import DocumentPlan, Story, instant, text, working_day
from shucai.site.demo.units import UnitPlan

TYPE: Final = "allotment.grant"
LINES_A_DOCUMENT: Final = 400
PAYROLL: Final = 5  # the first lines of the budget: pay, allowances, pension, medical, housing
DEPARTMENTS_AHEAD: Final = 6
SUPPLEMENT_MONTHS: Final = (3, 4, 5, 6, 9, 10)


@dataclass(frozen=True, slots=True)
class Allotment:
    """A unit allotment once it is issued: what the unit may spend and from when."""

    number: str
    unit: UnitPlan
    dep_economy: str
    project: str
    amount: Decimal
    since: date
    year: int


class Grants:
    """Plans the documents of all divisions; `allotments` grows by those that get issued."""

    def __init__(self, facts: Facts, units: Sequence[UnitPlan], story: Story, until: date) -> None:
        self._facts = facts
        self._units = [unit for unit in units if not unit.is_department]
        self._story = story
        self._until = until
        self._numbers: dict[tuple[str, int], int] = {}
        self.allotments: list[Allotment] = []

    def plan(self) -> None:
        for division in self._facts.divisions:
            self._budget(division, 2025, shorter=True)
            self._budget(division, 2026)
            self._supplements(division)
        self._ahead(self._facts.divisions[0])

    # the budget of the year

    def _budget(self, division: Mapping[str, Any], year: int, *, shorter: bool = False) -> None:
        day = working_day(date(year, 1, 6 + self._dice(division["code"], year).randrange(4)))
        documents = []
        for department, lines in self._by_department(division["code"], year, shorter=shorter):
            for start in range(0, len(lines), LINES_A_DOCUMENT):
                title = f"关于批复{department}{year}年部门预算的通知"
                part = lines[start : start + LINES_A_DOCUMENT]
                documents.append(self._document(division, year, day, title=title, lines=part))
        self._issue(division, documents, day)

    def _by_department(
        self, division: str, year: int, *, shorter: bool
    ) -> Iterator[tuple[str, list[dict[str, str]]]]:
        lines: dict[str, list[dict[str, str]]] = {}
        for unit in self._units:
            if unit.division == division:
                wanted = self._lines(unit, year)
                lines.setdefault(unit.department, []).extend(wanted[:3] if shorter else wanted)
        yield from lines.items()

    def _lines(self, unit: UnitPlan, year: int) -> list[dict[str, str]]:
        """The budget lines of a unit, from its kind and its staff."""
        dice = self._dice(unit.division, unit.code, year)
        found = []
        for said in self._facts.spending["line"]:
            codes = said.get("administration" if unit.is_administration else "institution")
            if codes is None:
                continue
            low, high = said["amount"]
            amount = dice.randint(low, high) * (unit.staff if said["per"] == "staff" else 1)
            function = _function(said["function"], unit)
            line = _line(unit, function, codes, amount, project=said["project"])
            found.append(line)
        projects = (unit.project, unit.fund_project)
        for said, function in zip(self._facts.spending["special"], projects, strict=True):
            if function:
                amount = dice.randint(*said["amount"])
                amount //= 1 if unit.division == self._facts.city.division else 3
                name = said["project"].format(department=_short(unit.department))
                codes, fund = said["codes"], said["fund"]
                found.append(_line(unit, function, codes, amount, project=name, fund=fund))
        return found

    # supplements and the year ahead

    def _supplements(self, division: Mapping[str, Any]) -> None:
        code = division["code"]
        for said, month in zip(self._facts.spending["supplement"], SUPPLEMENT_MONTHS, strict=True):
            day = working_day(date(2026, month, 8 + self._dice(code, month).randrange(12)))
            if day + timedelta(days=6) < self._until:
                documents = self._supplement(division, said, day, 2026)
                self._issue(division, documents, day)
        self._pending(division)

    def _supplement(
        self, division: Mapping[str, Any], said: Mapping[str, Any], day: date, year: int
    ) -> list[DocumentPlan]:
        dice = self._dice(division["code"], said["title"], year, day)
        units = [
            u for u in self._units if u.division == division["code"] and u.group in said["kinds"]
        ]
        lines = []
        for unit in units:
            codes = said["codes"]
            if unit.is_administration:
                codes = said.get("office_codes", codes)
            function = _function(said["function"], unit)
            amount = dice.randint(*said["amount"])
            lines.append(
                _line(unit, function, codes, amount, project=said["project"], fund=said["fund"])
            )
        title = said["title"].format(year=year)
        lines = lines[:LINES_A_DOCUMENT]
        if not lines:
            return []
        return [
            self._document(division, year, day, title=title, lines=lines, source=said["source"])
        ]

    def _pending(self, division: Mapping[str, Any]) -> None:
        """The last days: one notice to be written, one to be reviewed, one to be issued."""
        kinds = self._facts.spending["supplement"]
        last = self._until
        for said, reached in ((kinds[4], "draft"), (kinds[0], "submit"), (kinds[5], "approve")):
            ago = {"draft": 1, "submit": 2, "approve": 4}[reached]
            day = last - timedelta(days=ago)
            documents = self._supplement(division, said, day, 2026)
            self._issue(division, documents, day, reached=reached)

    def _ahead(self, division: Mapping[str, Any]) -> None:
        """Part of next year's budget is issued ahead, once the months of this year allow it."""
        if self._until < date(2026, 11, 10):
            return
        day, booked = date(2026, 11, 5), date(2027, 1, 1)
        documents = []
        for department, lines in list(self._by_department(division["code"], 2027, shorter=True))[
            :6
        ]:
            title = f"关于提前下达{department}2027年部分预算的通知"
            documents.append(self._document(division, 2027, booked, title=title, lines=lines))
        self._issue(division, documents, day, today=booked)

    # documents

    def _document(
        self,
        division: Mapping[str, Any],
        year: int,
        day: date,
        *,
        title: str,
        lines: Sequence[Mapping[str, str]],
        source: str = "1",
    ) -> DocumentPlan:
        number = self._numbers[division["code"], year] = (
            self._numbers.get((division["code"], year), 0) + 1
        )
        bureau = next(u for u in self._units if u.division == division["code"])
        unit = next(
            (u for u in self._units if u.division == division["code"] and u.code == FINANCE), bureau
        )
        doc_no = f"{division['mark']}财预〔{year}〕{number}号"
        return DocumentPlan(
            type=TYPE,
            year=year,
            unit=unit.code,
            division=division["code"],
            business_date=day,
            fields={"doc_no": doc_no, "title": title, "source": source},
            lines=tuple(lines),
        )

    def _issue(
        self,
        division: Mapping[str, Any],
        documents: Sequence[DocumentPlan],
        day: date,
        *,
        reached: str = "issue",
        today: date | None = None,
    ) -> None:
        """One batch through the three desks of the bureau, a day or so at each."""
        before = prefix(self._facts, division["code"])
        add = self._story.add
        add(instant(day, hour=9, minute=10), f"{before}zhibiao", "save", documents, today=today)
        if reached == "draft":
            return
        add(instant(day, hour=10, minute=5), f"{before}zhibiao", "submit", documents, today=today)
        if reached == "submit":
            return
        second, third = day + timedelta(days=1), day + timedelta(days=2)
        agreed = "已核对，同意"
        add(instant(second, hour=10), f"{before}zbshenhe", "approve", documents,
            opinion=agreed, today=today)  # fmt: skip
        if reached == "approve":
            return
        add(instant(third, hour=15), f"{before}zbxiada", "issue", documents,
            opinion="同意下达", today=today)  # fmt: skip
        self._remember(documents, third)

    def _remember(self, documents: Sequence[DocumentPlan], since: date) -> None:
        units = {(u.division, u.code): u for u in self._units}
        for document in documents:
            for seq, line in enumerate(document.lines, start=1):
                self.allotments.append(
                    Allotment(
                        number=f"{document.fields['doc_no']}-{seq:02}",
                        unit=units[document.division, line["receiver"]],
                        dep_economy=line["dep_economy"],
                        project=line["project"],
                        amount=Decimal(line["amount"]),
                        since=since,
                        year=document.year,
                    )
                )

    def _dice(self, *topic: object) -> Any:
        return self._facts.dice("grant", *topic)


def _function(word: str, unit: UnitPlan) -> str:
    if word == "medical":
        return "2101101" if unit.is_administration else "2101102"
    return {"main": unit.main, "second": unit.second}.get(word, word)


def _line(
    unit: UnitPlan,
    function: str,
    codes: Sequence[str],
    amount: int,
    *,
    project: str,
    fund: str = "111",
) -> dict[str, str]:
    return {
        "receiver": unit.code,
        "function": function,
        "gov_economy": codes[0],
        "dep_economy": codes[1],
        "fund_type": fund,
        "project": project,
        "amount": text(Decimal(max(1, amount // 100) * 100)),
    }


def _short(department: str) -> str:
    """教育局 rather than 佛山市教育局."""
    for end in ("区", "市"):
        if end in department[:-1]:
            return department[department.rindex(end, 0, -1) + 1 :]
    return department
