"""权限中心的演示 the rights centre: requests in every state, a delegation, a review, findings.

Asked for, decided and answered by the people of the city through the services everybody uses;
around the moment of loading, so that what is in force is in force when the visitor comes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from django.utils import timezone

from shucai.kernel.identity import delegations, findings, login, requests, reviews, rights
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import Appointment, Position
from shucai.kernel.identity.records import RightsRequest
from shucai.kernel.masterdata.pinyin import spelled
from shucai.site.demo.people import HEAD, OFFICE_STAFF

SYSTEM, SECURITY = "xitong", "anquan"
CLERK, REVIEWER, TWICE, SLEEPER = "jingban", "shenhe", "hesuan", "hsshenhe"
Decision = Literal["keep", "remove"]
AWAY: Final = timedelta(days=120)
REVIEW_DAYS, LENT_DAYS = 10, 14
EXCLUDED: Final = {
    "left": "masterdata.keeper",
    "right": "payment.preparer",
    "basis": "内部控制：收款单位维护与支付经办分离",
}


@dataclass(frozen=True, slots=True)
class _Desk:
    """The officers and the head of the unit, and when the loading happens."""

    actors: Mapping[str, Actor]
    now: datetime

    @property
    def head(self) -> Actor:
        return self.actors[HEAD]

    def ago(self, hours: int) -> datetime:
        return self.now - timedelta(hours=hours)

    def place(self, position: str) -> dict[str, Any]:
        """An appointment in the unit of the head."""
        return {
            "position_id": Position.objects.get(code=position).pk,
            "scope_path": self.head.scope_path,
            "unit_code": self.head.unit_code,
            "unit_name": self.head.unit_name,
            "division": self.head.division,
            "valid_from": timezone.localdate(self.now).isoformat(),
        }

    def ask(self, kind: str, reason: str, *, hours: int, **payload: Any) -> RightsRequest:
        return requests.submit(
            actor=self.head, kind=kind, payload=payload, reason=reason, now=self.ago(hours)
        )

    def take(self, asked: RightsRequest, *, hours: int) -> int:
        actor = self.actors[SYSTEM]
        return requests.take(actor=actor, request_id=asked.pk, now=self.ago(hours)).pk

    def change(self, kind: str, reason: str, *, hours: int, **payload: Any) -> None:
        """Proposed by one officer, approved by the other."""
        proposed = rights.propose(
            actor=self.actors[SYSTEM],
            kind=kind,
            payload=payload,
            reason=reason,
            now=self.ago(hours),
        )
        self.approve(proposed.pk, hours=hours - 1)

    def approve(self, change: int, *, hours: int) -> None:
        actor = self.actors[SECURITY]
        rights.approve(actor=actor, change_id=change, opinion="同意", now=self.ago(hours))


def write(actors: Mapping[str, Actor], *, password: str, now: datetime) -> None:
    """Everything, oldest first."""
    desk = _Desk(actors, now)
    _findings(desk, password)
    _requests(desk)
    _delegation(desk)
    _review(desk)


def _findings(desk: _Desk, password: str) -> None:
    """A user nobody appointed, one who hasn't been seen for long, and two duties in one hand."""
    sleeper = desk.actors[SLEEPER]
    login.sign_in(_username(sleeper), password, ip="", agent="", now=desk.now - AWAY)
    login.sweep(now=desk.now)
    name = "赵敏"
    desk.change(
        "user.create",
        "新录用人员，岗位待定",
        hours=90,
        username="zhao.min",
        name=name,
        pinyin=spelled(name, limit=120),
    )
    twice = desk.actors[TWICE]
    where = {
        "scope_path": twice.scope_path,
        "unit_code": twice.unit_code,
        "unit_name": twice.unit_name,
        "division": twice.division,
        "valid_from": timezone.localdate(desk.now).isoformat(),
    }
    keeper = Position.objects.get(code="data_keeper").pk
    said = {"user_id": twice.user_id, "position_id": keeper, **where}
    desk.change("appointment.create", "临时兼管基础数据", hours=80, **said)
    desk.change("exclusion.create", "落实内部控制要求", hours=70, **EXCLUDED)
    findings.scan(now=desk.ago(6))


def _username(actor: Actor) -> str:
    held = Appointment.objects.select_related("user").get(pk=actor.appointment_id or 0)
    return held.user.username


def _requests(desk: _Desk) -> None:
    """One in each state a request can be in."""
    clerk, reviewer = desk.actors[CLERK], desk.actors[REVIEWER]
    done = desk.ask(
        "user.hire",
        "新进财务人员到岗",
        hours=60,
        **_person("liu.fang", "刘芳"),
        **desk.place("unit_clerk"),
    )
    desk.approve(desk.take(done, hours=58), hours=57)
    rejected = desk.ask("user.reset_password", "忘记密码", hours=50, user_id=reviewer.user_id)
    rights.reject(
        actor=desk.actors[SECURITY],
        change_id=desk.take(rejected, hours=48),
        opinion="本人昨日仍正常登录，请本人来电核实",
        now=desk.ago(47),
    )
    returned = desk.ask("user.disable", "借调外出", hours=40, user_id=clerk.user_id)
    requests.send_back(
        actor=desk.actors[SYSTEM],
        request_id=returned.pk,
        opinion="尚有未办结单据，请先移交",
        now=desk.ago(38),
    )
    wrong = desk.ask(
        "user.hire",
        "新进人员",
        hours=30,
        **_person("chen.yv", "陈宇"),
        **desk.place("unit_clerk"),
    )
    requests.withdraw(actor=desk.head, request_id=wrong.pk, now=desk.ago(29))
    taken = desk.ask(
        "user.hire",
        "审核岗轮换",
        hours=8,
        **_person("he.jing", "何静"),
        **desk.place("unit_reviewer"),
    )
    desk.take(taken, hours=7)
    desk.ask(
        "user.hire",
        "新进人员",
        hours=3,
        **_person("chen.yu", "陈宇"),
        **desk.place("unit_clerk"),
    )


def _person(username: str, name: str) -> dict[str, str]:
    return {"username": username, "name": name, "pinyin": spelled(name, limit=120)}


def _delegation(desk: _Desk) -> None:
    """One budget office lends its work to the next for two weeks."""
    lender, deputy = (desk.actors[word] for word, _ in OFFICE_STAFF)
    today = timezone.localdate(desk.now)
    delegations.delegate(
        actor=lender,
        appointment_id=None,
        deputy_id=deputy.user_id,
        valid_from=today,
        valid_to=today + timedelta(days=LENT_DAYS),
        reason="外出培训两周",
        now=desk.now,
    )


def _review(desk: _Desk) -> None:
    """A campaign over the department of the head's unit: some kept, one removed, the rest open."""
    root = desk.head.scope_path.rsplit("/", 1)[0]
    made = reviews.open_campaign(
        actor=desk.actors[SECURITY],
        title=f"{desk.now.year} 年度权限复核",
        root_path=root,
        deadline=timezone.localdate(desk.now) + timedelta(days=REVIEW_DAYS),
        now=desk.ago(5),
    )
    items = list(made.items.order_by("pk"))  # before somebody of less scope answers
    own = {one.username: one.pk for one in items if one.unit_path == desk.head.scope_path}
    others = [one.pk for one in items if one.unit_path != desk.head.scope_path]
    _answer(desk, HEAD, own[CLERK], "keep", hours=4)
    _answer(desk, HEAD, own["liu.fang"], "remove", "试用期未满，暂不授予", hours=4)
    for pk in others[:3]:
        _answer(desk, SYSTEM, pk, "keep", hours=2)


def _answer(
    desk: _Desk, who: str, item: int, decision: Decision, opinion: str = "", *, hours: int
) -> None:
    reviews.answer(
        actor=desk.actors[who],
        item_id=item,
        decision=decision,
        opinion=opinion,
        now=desk.ago(hours),
    )
