"""演示城市的写入 writing the demo city: every document goes through the pipeline like any other.

All or nothing: one transaction around the whole city, so a killed start leaves no half city.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from shucai.kernel.calendar import periods
from shucai.kernel.document import drafts, pipeline
from shucai.kernel.document.action import Action
from shucai.kernel.document.declare import find_type
from shucai.kernel.document.drafts import Draft
from shucai.kernel.identity import acting, setup
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import Appointment
from shucai.kernel.masterdata.models import Unit
from shucai.kernel.masterdata.pinyin import spelled
from shucai.kernel.messages import notices
from shucai.site.demo import errors, keeping, portal, reading, rights, rules
from shucai.site.demo.people import FIRST_DAY, POSITIONS, second_places
from shucai.site.demo.plan import YEARS, CityPlan
from shucai.site.demo.story import DocumentPlan, StepPlan, instant

PASSWORD: Final = "Shucai@2026"  # noqa: S105 (the demo says it on its first page)
CHANNEL: Final = "demo"
NOTICES: Final = (
    (60, "关于做好年度预算执行工作的通知", "请各单位加快支付进度，重点项目季末前完成序时进度。"),
)


def is_loaded() -> bool:
    return Unit.objects.exists()


@transaction.atomic
def write(plan: CityPlan, *, now: datetime, say: Callable[[str], None]) -> None:
    """Units, calendar, people, then the story step by step; refuses a database with units."""
    if is_loaded():
        raise errors.CITY_EXISTS.refuse(count=Unit.objects.count())
    say("单位和期间")
    _units(plan)
    divisions = [division["code"] for division in plan.facts.divisions]
    for year in YEARS:
        periods.open_year(divisions=divisions, fiscal_year=year)
    say("人员和岗位")
    _people(plan, now=now)
    _Teller(plan, say).tell()
    keeping.write(settings.ROOT / "seeds", _actors(), year=plan.until.year, now=instant(plan.until))
    _close_last_year(plan)
    _notices(plan)
    say("权限申请、委托和复核")
    rights.write(_actors(), password=PASSWORD, now=now)
    say("门户、菜单和审批路线")
    portal.publish(_actors(), now=instant(plan.until) - timedelta(days=30))
    reading.publish(_actors(), now=instant(plan.until, hour=9))
    rules.publish(_actors(), at=instant(plan.until, hour=18))


def _units(plan: CityPlan) -> None:
    """Departments first, so that every unit finds its parent."""
    ids: dict[tuple[str, str], int] = {}
    for level in (1, 2):
        rows = [
            Unit(
                code=unit.code,
                name=unit.name,
                short_name=unit.name.removeprefix(plan.facts.city.name)[:60],
                pinyin=spelled(unit.name, limit=300),
                division_code=unit.division,
                parent_id=ids.get((unit.division, unit.parent)),
                path=unit.path,
                level=level,
                kind=unit.kind,
                office=unit.office,
                valid_from=FIRST_DAY,
            )
            for unit in plan.units
            if unit.is_department == (level == 1)
        ]
        made = Unit.objects.bulk_create(rows, batch_size=1000)
        ids |= {(unit.division_code, unit.code): unit.pk for unit in made}


def _people(plan: CityPlan, *, now: datetime) -> None:
    digest = make_password(PASSWORD)
    setup.load(
        users=[
            setup.NewUser(
                username=person.username,
                name=person.name,
                password=digest,
                pinyin=spelled(person.name, limit=120),
                must_change=False,
            )
            for person in plan.people
        ],
        positions=[
            setup.NewPosition(code=code, name=name, duties=duties)
            for code, (name, duties) in POSITIONS.items()
        ],
        appointments=[
            setup.NewAppointment(
                username=person.username,
                position=person.position,
                scope_path=person.scope,
                division=person.division,
                valid_from=FIRST_DAY,
                office=person.office,
                unit_code=person.unit.code,
                unit_name=person.unit.name,
                is_default=is_first,
            )
            for person, is_first in (
                *((person, True) for person in plan.people),
                *((person, False) for person in second_places(plan.people, plan.units)),
            )
        ],
        root=plan.facts.city.root,
        now=now,
    )


class _Teller:
    """Plays the steps in order; remembers which header each planned document became."""

    def __init__(self, plan: CityPlan, say: Callable[[str], None]) -> None:
        self._plan = plan
        self._say = say
        self._actors = _actors()
        self._addresses: dict[int, str] = {}

    def tell(self) -> None:
        total = sum(len(step.documents) for step in self._plan.steps)
        done = 0
        for number, step in enumerate(self._plan.steps):
            if step.action == "save":
                self._save(step)
            else:
                self._move(step)
            done += len(step.documents)
            if number % 25 == 0:
                self._say(f"业务单据 {done * 100 // total}%（{step.at:%Y年%m月}）")

    def _actor(self, step: StepPlan) -> Actor:
        return replace(self._actors[step.username], fiscal_year=step.year)

    def _save(self, step: StepPlan) -> None:
        kind = find_type(step.type)
        if kind is None:
            raise errors.STEP_REFUSED.refuse(step=step.type, reason="没有这种单据类型")
        actor, today = self._actor(step), step.today or step.at.date()
        saved = drafts.save_many(
            [
                Draft(
                    type=kind,
                    actor=actor,
                    now=step.at,
                    today=today,
                    fields=document.fields,
                    lines=document.lines,
                    unit=document.unit,
                    business_date=document.business_date,
                )
                for document in step.documents
            ]
        )
        for document, header in zip(step.documents, saved, strict=True):
            self._addresses[id(document)] = f"~{header.pk}"

    def _move(self, step: StepPlan) -> None:
        outcome = pipeline.run(
            Action(
                type=step.type,
                numbers=[self._address(document) for document in step.documents],
                name=step.action,
                actor=self._actor(step),
                now=step.at,
                today=step.today or step.at.date(),
                opinion=step.opinion,
            )
        )
        for result in outcome.results:
            if not result.ok:
                reason = "；".join(finding["text"] for finding in result.findings)
                raise errors.STEP_REFUSED.refuse(step=f"{step.type}.{step.action}", reason=reason)

    def _address(self, document: DocumentPlan) -> str:
        return self._addresses[id(document)]


def _actors() -> Mapping[str, Actor]:
    rows = Appointment.objects.select_related("user", "position").filter(is_default=True)
    return {
        row.user.username: acting.actor_of(row, fiscal_year=YEARS[0], channel=CHANNEL)
        for row in rows
    }


def _close_last_year(plan: CityPlan) -> None:
    """The months of the first year are closed; its year-end period stays open."""
    treasurer = Appointment.objects.get(user__username="zhifu", is_default=True).user_id
    for division in plan.facts.divisions:
        for month in range(1, 13):
            periods.change(
                division=division["code"],
                fiscal_year=YEARS[0],
                month=month,
                state="closed",
                actor_id=treasurer,
                at=instant(date(YEARS[1], 1, 31), hour=17),
                reason="年度决算完成，结账",
            )


def _notices(plan: CityPlan) -> None:
    """Announcements of the finance bureau to everybody who signs in."""
    everybody = list(
        Appointment.objects.filter(is_enabled=True).values_list("user_id", flat=True).distinct()
    )
    for ago, title, body in NOTICES:
        at = instant(plan.until) - timedelta(days=ago)
        text = notices.Text(title=title, body=body, topic="demo.announcement", key=f"demo.{ago}")
        notices.send(text, users=everybody, now=at)
