"""小城 a small city: divisions, a few units, one value set in a year, and its keeper."""

from dataclasses import replace
from datetime import date

from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata import importing, pinyin
from shucai.kernel.masterdata.editing import Place
from shucai.kernel.masterdata.models import CodeRule, Division, Unit, ValueSet
from tests.people import CITY, NOW, ROOT

FUNCTIONAL = Place("functional", 2026)
ROWS = [
    importing.Row(code="201", name="一般公共服务支出"),
    importing.Row(code="20101", name="人大事务"),
    importing.Row(code="2010101", name="行政运行"),
    importing.Row(code="2010102", name="一般行政管理事务"),
    importing.Row(code="205", name="教育支出"),
    importing.Row(code="20502", name="普通教育"),
    importing.Row(code="2050201", name="学前教育"),
    importing.Row(code="2050202", name="小学教育"),
]
KEEPER = Actor(
    user_id=900,
    name="钱管理",
    position_name="基础数据管理岗",
    duties=frozenset({"masterdata.keeper"}),
    scope_path=ROOT,
    office="",
    unit_code="",
    unit_name="",
    division=CITY,
    fiscal_year=2026,
)
CLERK = replace(KEEPER, user_id=901, name="李经办", position_name="经办岗", duties=frozenset())
DISTRICT = "440604000"
DISTRICT_KEEPER = replace(KEEPER, user_id=902, scope_path="4406/440604", division=DISTRICT)
DAY = date(2026, 3, 2)


def functional(*, year: int = 2026) -> None:
    """The value set with its rule 3-2-2 and eight values."""
    owner, _ = ValueSet.objects.get_or_create(
        code="functional", defaults={"name": "支出功能分类", "national_code": "VD08001"}
    )
    CodeRule.objects.create(value_set=owner, fiscal_year=year, lengths=[3, 2, 2])
    importing.apply(actor=KEEPER, place=Place("functional", year), rows=ROWS, now=NOW)


def units() -> dict[str, Unit]:
    """The education and health departments of the city, with units below them, and a district's."""
    for code, name, path, level in (
        (CITY, "佛山市本级", "4406/440600", 1),
        (DISTRICT, "禅城区", "4406/440604", 1),
    ):
        Division.objects.create(code9=code, name=name, path=path, level=level)
    made: dict[str, Unit] = {}
    for code, name, division, parent in (
        ("440600", "佛山市", CITY, ""),
        ("105", "市教育局", CITY, "440600"),
        ("105001", "市第一中学", CITY, "105"),
        ("105002", "市第二中学", CITY, "105"),
        ("108", "市卫生健康局", CITY, "440600"),
        ("440604", "禅城区", DISTRICT, ""),
        ("201", "区教育局", DISTRICT, "440604"),
    ):
        above = made.get(parent)
        made[code] = Unit.objects.create(
            code=code,
            name=name,
            pinyin=pinyin.spelled(name, limit=300),
            division_code=division,
            parent=above,
            path=f"{above.path if above else ROOT}/{code}",
            level=above.level + 1 if above else 1,
        )
    return made
