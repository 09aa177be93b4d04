"""台账证明 proof: every balance follows from its entries, every hold too, and nothing is lost.

Reads all units, whoever asks, and tells only what does not agree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import connection

FAULTS_MAX: Final = 200
_KINDS: Final[Mapping[str, str]] = {
    "balance": "余额与分录不符",
    "orphan": "分录的账户不存在",
    "chain": "分录留存余额与此前分录不符",
    "hold": "冻结记录与分录不符",
    "held_sum": "账户冻结数与冻结记录合计不符",
    "spent_sum": "账户已用数与核销记录合计不符",
    "journal": "记账批次的笔数与分录不符",
    "entry": "分录的两边与方式不符",
    "conservation": "进出差额与账户合计不符",
}
_ITEMS: Final[Mapping[str, str]] = {
    "granted": "已下达",
    "incoming": "待生效",
    "held": "冻结",
    "spent": "已用",
    "available": "可用",
    "settled": "核销",
    "released": "释放",
    "reversed": "红冲",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One difference: what is kept, and what the entries prove."""

    kind: str
    fiscal_year: int
    account: int | None
    header: int | None
    seq: int | None
    item: str
    stored: Decimal
    proven: Decimal

    @property
    def text(self) -> str:
        place = f"{self.fiscal_year} 年度"
        if self.account is not None:
            place += f"账户 {self.account}"
        if self.header is not None:
            place += f"单据 {self.header} 第 {self.seq} 行"
        item = _ITEMS.get(self.item, self.item)
        said = _KINDS[self.kind]
        return f"{place}{said}：{item}记为 {self.stored:,.2f}，证明为 {self.proven:,.2f}"


@dataclass(frozen=True, slots=True)
class Total:
    """One book and kind in one year: what came and went, and what the accounts have, in yuan."""

    fiscal_year: int
    book: str
    kind: str
    accounts: int
    entries: int
    entered: Decimal
    departed: Decimal
    granted: Decimal
    incoming: Decimal
    held: Decimal
    spent: Decimal
    negative: int  # accounts below zero although bounded: inherited, may only rise


@dataclass(frozen=True, slots=True)
class Report:
    """What was proved. No faults means the ledger holds; notices do not make it fail."""

    totals: tuple[Total, ...]
    faults: tuple[Fault, ...]
    notices: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.faults

    @property
    def accounts(self) -> int:
        return sum(total.accounts for total in self.totals)

    @property
    def entries(self) -> int:
        return sum(total.entries for total in self.totals)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON: amounts as text, at most FAULTS_MAX faults."""
        return {
            "ok": self.ok,
            "accounts": self.accounts,
            "entries": self.entries,
            "totals": [_plain(asdict(total)) for total in self.totals],
            "fault_count": len(self.faults),
            "faults": [
                {**_plain(asdict(fault)), "text": fault.text} for fault in self.faults[:FAULTS_MAX]
            ],
            "notices": list(self.notices),
        }


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    return {k: f"{v:.2f}" if isinstance(v, Decimal) else v for k, v in said.items()}


def check(*, years: Sequence[int] | None = None) -> Report:
    """Proves the given fiscal years, or all that have entries or accounts."""
    faults: list[Fault] = []
    totals: list[Total] = []
    notices: list[str] = []
    with connection.cursor() as cursor:
        for year in _years(cursor) if years is None else years:
            for statement in _PROOFS:
                cursor.execute(statement, [year])
                faults += [Fault(row[0], year, *row[1:]) for row in cursor.fetchall()]
            cursor.execute("SELECT * FROM ledger_proof_totals(%s)", [year])
            found = [Total(year, *row) for row in cursor.fetchall()]
            totals += found
            faults += [fault for total in found for fault in _conserved(total)]
            notices += [_negative(total) for total in found if total.negative]
            cursor.execute("SELECT book, kind, verb FROM ledger_unmapped(%s)", [year])
            notices += [_unmapped(year, *row) for row in cursor.fetchall()]
    return Report(totals=tuple(totals), faults=tuple(faults), notices=tuple(notices))


_PROOFS: Final = (
    "SELECT * FROM ledger_proof(%s)",
    "SELECT * FROM ledger_proof_chain(%s)",
    "SELECT * FROM ledger_proof_holds(%s)",
)


def _years(cursor: Any) -> list[int]:
    cursor.execute("SELECT fiscal_year FROM ledger_years()")
    return [row[0] for row in cursor.fetchall()]


def _conserved(total: Total) -> list[Fault]:
    """What came in and did not go out again is granted or on its way."""
    stored, proven = total.granted + total.incoming, total.entered - total.departed
    if stored == proven:
        return []
    place = f"{total.book}/{total.kind}"
    year = total.fiscal_year
    return [Fault("conservation", year, None, None, None, place, stored, proven)]


def _negative(total: Total) -> str:
    place = f"{total.fiscal_year} 年度 {total.book}/{total.kind}"
    return f"{place} 有 {total.negative} 个受控账户的可用余额为负（改为受控之前形成，只能增加）"


def _unmapped(year: int, book: str, kind: str, verb: str) -> str:
    return f"{year} 年度 {book}/{kind} 的“{verb}”没有核算科目对照，复式分录不能打印"
