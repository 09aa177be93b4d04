"""小镇 a town to click through: units, staff of the exemplar chain, and issued allotments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from shucai.kernel.calendar import periods
from shucai.kernel.document import drafts, pipeline
from shucai.kernel.document.action import Action
from shucai.kernel.document.declare import find_type
from shucai.kernel.document.drafts import Draft
from shucai.kernel.identity import setup
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import importing
from shucai.kernel.masterdata.editing import Place
from shucai.kernel.masterdata.models import ValueSet
from tests import city, people
from tests.people import CITY, ROOT, UNIT

SETS = {
    "fund_type": ("资金性质", [("11", "一般公共预算"), ("12", "政府性基金预算")]),
    "budget_source": ("指标来源", [("1", "年初预算"), ("2", "追加预算")]),
    "economic_gov": ("政府预算经济分类", [("50201", "办公经费"), ("50202", "会议费")]),
    "economic_dept": (
        "部门预算经济分类",
        [("30201", "办公费"), ("30202", "印刷费"), ("30211", "差旅费"), ("30215", "会议费")],
    ),
}
# fmt: off
STAFF = {
    "sysadmin": ("系统管理员甲", "系统管理员",    ["identity.system_admin"],   ROOT),
    "secadmin": ("安全管理员甲", "安全保密管理员", ["identity.security_admin"], ROOT),
    "auditor":  ("审计员甲",   "安全审计员",    ["identity.auditor"],        ROOT),
    "jichu":   ("钱管理", "基础数据管理岗", ["masterdata.keeper"],  ROOT),
    "zhifu":   ("王晓萌", "单位经办岗",   ["payment.preparer"],   UNIT),
    "shenhe":  ("李建国", "单位审核岗",   ["payment.reviewer"],   UNIT),
    "guoku":   ("周敏",   "国库支付岗",   ["payment.treasurer"],  "4406/440600"),
    "zhibiao": ("陈岚",   "指标经办岗",   ["allotment.preparer"], "4406/440600"),
    "zbsh":    ("何伟",   "指标审核岗",   ["allotment.reviewer"], "4406/440600"),
    "xiada":   ("梁静",   "指标下达岗",   ["allotment.issuer"],   "4406/440600"),
}
# fmt: on
GRANTS = [
    ("105001", "2050202", "50201", "30201", "义务教育薄弱环节改善", "500000.00"),
    ("105001", "2050202", "50201", "30202", "教材印刷", "32000.00"),
    ("105001", "2050201", "50202", "30215", "学前教育研讨", "8000.00"),
    ("105002", "2050202", "50201", "30201", "第二中学办公", "60000.00"),
]


@dataclass(frozen=True, slots=True)
class Town:
    """The actors by user name."""

    actors: dict[str, Actor]


def build(*, now: datetime | None = None) -> Town:
    """Everything the payment chain needs, made the official way. Commits."""
    now = now or timezone.now()
    staff(now)
    city.units()
    city.functional(year=now.year)
    _values(now)
    periods.open_year(divisions=[CITY], fiscal_year=now.year)
    actors = {name: people.actor_of(name, now=now) for name in STAFF}
    _grant(actors, now)
    return Town(actors)


def _values(now: datetime) -> None:
    for code, (name, rows) in SETS.items():
        ValueSet.objects.get_or_create(code=code, defaults={"name": name})
        wanted = [importing.Row(code=one, name=said) for one, said in rows]
        importing.apply(actor=city.KEEPER, place=Place(code, now.year), rows=wanted, now=now)


def staff(now: datetime, more: Mapping[str, tuple[str, str, list[str], str]] = {}) -> None:
    """Everybody is in office and signs in with the password of the tests."""
    known = {**STAFF, **more}
    setup.load(
        users=[
            setup.NewUser(username=name, name=said, password=people.digest(), must_change=False)
            for name, (said, _, _, _) in known.items()
        ],
        positions=[
            setup.NewPosition(code=name, name=title, duties=duties)
            for name, (_, title, duties, _) in known.items()
        ],
        appointments=[
            setup.NewAppointment(
                username=name,
                position=name,
                scope_path=path,
                division=CITY,
                valid_from=date(2026, 1, 1),
                unit_code=path.rsplit("/", 1)[-1],
                unit_name="市第一中学" if path == UNIT else "佛山市",
                is_default=True,
            )
            for name, (_, _, _, path) in known.items()
        ],
        root=ROOT,
        now=now - timedelta(days=1),
    )


def _grant(actors: dict[str, Actor], now: datetime) -> None:
    kind = find_type("allotment.grant")
    assert kind is not None
    start = now - timedelta(hours=3)
    header = drafts.save(
        Draft(
            type=kind,
            actor=actors["zhibiao"],
            now=start,
            today=now.date(),
            fields={
                "doc_no": "佛财预〔2026〕12号",
                "title": "2026年部门预算指标",
                "source": "1",
            },
            lines=[
                {
                    "receiver": unit,
                    "function": function,
                    "gov_economy": gov,
                    "dep_economy": dep,
                    "fund_type": "11",
                    "project": project,
                    "amount": amount,
                }
                for unit, function, gov, dep, project, amount in GRANTS
            ],
        )
    )
    address = header.address
    for name, user in (("submit", "zhibiao"), ("approve", "zbsh"), ("issue", "xiada")):
        start += timedelta(minutes=20)
        outcome = pipeline.run(
            Action(
                type=kind.code,
                numbers=[address],
                name=name,
                actor=actors[user],
                now=start,
                today=now.date(),
                opinion="同意" if name != "submit" else "",
            )
        )
        assert outcome.ok, outcome.results[0].findings
        address = outcome.results[0].number
