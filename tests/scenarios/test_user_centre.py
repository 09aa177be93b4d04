"""A unit asks for its people; lent duties; the roster; leavers; the yearly look at all rights."""

from datetime import UTC, date, timedelta

import pytest
from tests import factories, people
from tests.people import NOW, Staff

from shucai.base.errors import Refused
from shucai.kernel.document import desk, leaving, rights_notices
from shucai.kernel.identity import (
    acting,
    colleagues,
    delegations,
    findings,
    login,
    requests,
    reviews,
    rights,
    scope,
)
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.credentials import SecondFactor, UserCertificate
from shucai.kernel.identity.crypto.provider import ECDSA
from shucai.kernel.identity.models import Appointment, Position, RightsChange, User
from shucai.kernel.identity.records import Delegation, Leaver, RightsRequest
from shucai.kernel.messages import notices
from shucai.kernel.pages import rosters
from shucai.kernel.workflow.models import Step, Todo
from shucai.site.demo import authority
from shucai.site.demo.authority import Span

pytestmark = [pytest.mark.function("PLAT-008"), pytest.mark.django_db]
TODAY = date(2026, 3, 2)


@pytest.fixture
def staff() -> Staff:
    made = people.appoint()
    for code, name, duties, who in (
        ("head", "单位负责人", ["identity.reviewer", "identity.applicant"], "head"),
        ("budget", "指标岗", ["allotment.preparer"], "helper"),
    ):
        change = propose(made, "position.create", code=code, name=name, duties=duties)
        approve(made, change)
        approve(made, propose(made, "user.hire", username=who, name=f"{name}甲", **place(code)))
    return made


def propose(staff: Staff, kind: str, **payload: object) -> RightsChange:
    return rights.propose(
        actor=staff.system, kind=kind, payload=payload, reason="工作需要", now=NOW
    )


def approve(staff: Staff, change: RightsChange) -> rights.Decided:
    return rights.approve(actor=staff.security, change_id=change.pk, opinion="同意", now=NOW)


def place(position: str, **facts: object) -> dict[str, object]:
    return {
        "position_id": Position.objects.get(code=position).pk,
        "scope_path": people.UNIT,
        "division": people.CITY,
        "valid_from": "2026-03-01",
        "unit_code": "105001",
        "unit_name": "市教育局",
        **facts,
    }


def ask(kind: str, who: str = "head", **payload: object) -> RightsRequest:
    return requests.submit(
        actor=people.actor_of(who), kind=kind, payload=payload, reason="新进人员", now=NOW
    )


# Requests of a unit


def test_a_unit_asks_an_officer_takes_over_another_decides(staff: Staff) -> None:
    asked = ask("user.hire", username="new.clerk", name="新经办", **place("clerk"))
    assert asked.summary == "新增用户 新经办（new.clerk）：支付经办岗"
    assert not User.objects.filter(username="new.clerk").exists()

    change = requests.take(actor=staff.system, request_id=asked.pk, now=NOW)
    asked.refresh_from_db()
    assert (asked.state, asked.change_id) == ("taken", change.pk)
    assert not User.objects.filter(username="new.clerk").exists()

    approve(staff, change)
    scope.apply(people.actor_of("head"))
    [seen] = requests.seen(people.actor_of("head"))
    assert seen.get_state_display() == "已生效"
    assert people.actor_of("new.clerk").position_name == "支付经办岗"


def test_what_became_of_a_request_is_told(staff: Staff) -> None:
    refused, returned, withdrawn = (
        ask("user.disable", user_id=staff.clerk.user_id) for _ in range(3)
    )
    change = requests.take(actor=staff.system, request_id=refused.pk, now=NOW)
    rights.reject(actor=staff.security, change_id=change.pk, opinion="尚未离岗", now=NOW)
    requests.send_back(actor=staff.system, request_id=returned.pk, opinion="缺少批准文件", now=NOW)
    requests.withdraw(actor=people.actor_of("head"), request_id=withdrawn.pk, now=NOW)

    states = dict(RightsRequest.objects.values_list("pk", "state"))
    assert states == {
        refused.pk: "rejected",
        returned.pk: "returned",
        withdrawn.pk: "withdrawn",
    }
    assert User.objects.get(pk=staff.clerk.user_id).is_active
    with pytest.raises(Refused, match=r"已退回.*IDN-3025"):
        requests.take(actor=staff.system, request_id=returned.pk, now=NOW)


def test_a_unit_asks_only_for_itself(staff: Staff) -> None:
    elsewhere = place("clerk", scope_path="4406/440600/108/108001")
    with pytest.raises(Refused, match="IDN-3024"):
        ask("user.hire", username="new.clerk", name="新经办", **elsewhere)
    with pytest.raises(Refused, match="找不到用户"):
        ask("user.disable", user_id=staff.system.user_id)
    with pytest.raises(Refused, match="找不到可申请的岗位"):
        ask("user.hire", username="boss", name="新管理员", **place("secadmin"))
    with pytest.raises(Refused, match="该操作属于用户申请"):
        ask("user.disable", who="clerk", user_id=staff.clerk.user_id)


def test_other_units_do_not_see_the_request(staff: Staff) -> None:
    ask("user.disable", user_id=staff.clerk.user_id)
    other = place("head", scope_path="4406/440600/108/108001")
    approve(staff, propose(staff, "user.hire", username="other", name="别处", **other))

    scope.apply(people.actor_of("other"))

    assert RightsRequest.objects.count() == 0


# Lent duties


def lend(who: str = "reviewer", to: str = "helper", **facts: object) -> Delegation:
    said = {
        "actor": people.actor_of(who),
        "appointment_id": None,
        "deputy_id": User.objects.get(username=to).pk,
        "valid_from": TODAY,
        "valid_to": TODAY + timedelta(days=7),
        "reason": "外出学习",
        "now": NOW,
    }
    return delegations.delegate(**{**said, **facts})  # type: ignore[arg-type]


def acting_for(username: str, *, days: int = 0) -> list[Actor]:
    later = NOW + timedelta(days=days)
    user = User.objects.get(username=username)
    return [
        acting.actor_of(one, fiscal_year=2026)
        for one in acting.appointments_of(user_id=user.pk, now=later)
        if one.principal_id
    ]


def test_a_deputy_acts_for_a_colleague_within_the_dates_only(staff: Staff) -> None:
    lend(valid_from=TODAY + timedelta(days=1))

    assert acting_for("helper") == []
    [deputy] = acting_for("helper", days=1)
    assert deputy.position_name == "支付审核岗（代支付审核岗甲）"
    assert deputy.duties == {"payment.reviewer"}
    assert deputy.scope_path == people.UNIT
    assert acting_for("helper", days=7) == []
    holders = colleagues.holders(
        ["payment.reviewer"], unit_path=people.UNIT, office="", on=TODAY + timedelta(days=1)
    )
    assert {one.name for one in holders} == {"支付审核岗甲", "指标岗甲"}


def test_ending_a_delegation_bites_on_the_next_request(staff: Staff) -> None:
    made = lend()
    signed = login.sign_in("reviewer", people.PASSWORD, ip="", agent="", now=NOW)
    helper = User.objects.get(username="helper")
    one_time = approve(staff, propose(staff, "user.reset_password", user_id=helper.pk))
    signed = login.sign_in("helper", one_time.one_time_password, ip="", agent="", now=NOW)
    acting.switch(signed.session_key, appointment_id=made.appointment_id, now=NOW)
    during = acting.resolve(signed.session_key, now=NOW)

    delegations.end(actor=people.actor_of("reviewer"), delegation_id=made.pk, now=NOW)

    after = acting.resolve(signed.session_key, now=NOW)
    assert during
    assert after
    assert during.actor.can("payment.reviewer")
    assert during.actor.principal_id == staff.reviewer.user_id
    assert not after.actor.can("payment.reviewer")
    with pytest.raises(Refused, match="IDN-3023"):
        delegations.end(actor=people.actor_of("reviewer"), delegation_id=made.pk, now=NOW)


def test_what_ends_the_lender_ends_the_deputy(staff: Staff) -> None:
    lend()

    approve(staff, propose(staff, "user.disable", user_id=staff.reviewer.user_id))

    assert acting_for("helper") == []
    assert Delegation.objects.get().end_reason == "原任职已终止"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"to": "clerk"}, "IDN-3022"),
        ({"to": "reviewer"}, "IDN-3022"),
        ({"who": "sysadmin", "to": "helper"}, "IDN-3018"),
        ({"duties": ["payment.treasurer"]}, "IDN-3021"),
        ({"valid_to": TODAY}, "IDN-3020"),
        ({"valid_to": TODAY + timedelta(days=400)}, "IDN-3020"),
        ({"appointment_id": 999999}, "IDN-3019"),
        ({"reason": ""}, "IDN-3011"),
    ],
)
def test_what_may_not_be_lent(staff: Staff, facts: dict[str, object], code: str) -> None:
    with pytest.raises(Refused, match=code):
        lend(**facts)
    assert Delegation.objects.count() == 0


def test_a_lent_duty_is_not_lent_on(staff: Staff) -> None:
    made = lend()
    [deputy] = acting_for("helper")

    with pytest.raises(Refused, match="IDN-3019"):
        delegations.delegate(
            actor=deputy,
            appointment_id=made.appointment_id,
            deputy_id=User.objects.get(username="head").pk,
            valid_from=TODAY,
            valid_to=TODAY + timedelta(days=1),
            reason="再委托",
            now=NOW,
        )


def deputy_of(reviewer: Actor, world: factories.World) -> Actor:
    """Somebody who acts in the reviewer's appointment, joined to the people of the world."""
    source = Appointment.objects.get(user=reviewer.user_id)
    deputy = acting.actor_of(
        Appointment(
            user=User(pk=77, name="赵代办"),
            position=Position.objects.get(code="reviewer"),
            principal=source,
            principal_name=source.user.name,
            scope_path=world.school.path,
            division=factories.DIVISION,
            valid_from=TODAY,
            fund_types=[],
            duties=["payment.reviewer"],
        ),
        fiscal_year=factories.YEAR,
    )
    world.people["deputy"] = deputy
    return deputy


def test_the_step_of_a_deputy_says_for_whom(db: None) -> None:
    staff = people.appoint()
    world = factories.found()
    header = world.payment(world.allot(), "100.00")
    assert world.do("payment.application", [header.address], "submit", "clerk").ok
    deputy_of(staff.reviewer, world)

    assert world.do("payment.application", [header.address], "approve", "deputy").ok

    step = Step.objects.get(header=header, action="approve")
    assert (step.actor_name, step.position_name) == ("赵代办", "支付审核岗（代支付审核岗甲）")


def test_what_is_asked_of_the_lender_by_name_passes_to_the_deputy(db: None) -> None:
    staff = people.appoint()
    world = factories.found()
    header = world.payment(world.allot(), "100.00")
    assert world.do("payment.application", [header.address], "submit", "clerk").ok
    deputy = deputy_of(staff.reviewer, world)
    world.see("reviewer")
    Todo.objects.filter(header=header).update(user_id=staff.reviewer.user_id, is_required=True)

    scope.apply(deputy)
    assert [todo.header_id for todo in desk.waiting(deputy)] == [header.pk]
    assert world.do("payment.application", [header.address], "approve", "deputy").ok

    world.see("reviewer")
    closed = Todo.objects.get(header=header, is_open=False)
    assert closed.user_id == deputy.user_id


# Rosters


def csv(*rows: str) -> bytes:
    return "\n".join(rows).encode()


def test_a_roster_becomes_one_batch(staff: Staff) -> None:
    world = factories.found()
    content = csv(
        "登录名,姓名,岗位编码,单位编码,资金性质",
        f"zhang.san,张三,clerk,{world.other.code},11 12",
        f"helper,指标岗甲,budget,{world.other.code},",
    )
    said = {"actor": staff.system, "roster": "people", "name": "a.csv", "content": content}

    planned = rosters.plan(**said, now=NOW)
    change = rosters.propose(**said, reason="年度任职", now=NOW)
    approve(staff, change)

    assert [row[1] for row in planned.words] == ["新增用户并任职", "任职"]
    zhang = Appointment.objects.get(user__username="zhang.san")
    assert zhang.fund_types == ["11", "12"]
    assert Appointment.objects.filter(user__username="helper").count() == 2


def test_every_bad_row_of_a_roster_is_told(staff: Staff) -> None:
    factories.found()
    content = csv(
        "登录名,姓名,岗位编码,单位编码",
        "张三,张三,clerk,205001",
        "li.si,李四,nothing,205001",
        "wang.wu,王五,clerk,999999",
    )
    said = {"actor": staff.system, "roster": "people", "name": "a.csv", "content": content}

    with pytest.raises(Refused) as refused:
        rosters.propose(**said, reason="年度任职", now=NOW)

    assert [(f.code, f.place) for f in refused.value.findings] == [
        ("IDN-3029", "rows[2].username"),
        ("IDN-3029", "rows[3].position"),
        ("IDN-3029", "rows[4].unit"),
    ]
    for bad, code in (
        (b"x,y\n1,2", "IDN-3030"),
        (csv("登录名,姓名,岗位编码,单位编码"), "IDN-3028"),
    ):
        with pytest.raises(Refused, match=code):
            rosters.plan(**{**said, "content": bad}, now=NOW)
    assert len(rosters.heads("people")) == len(rosters.sample("people"))


# Leavers (S4)


def test_leavers_of_a_list_keep_nothing_after_a_day(staff: Staff) -> None:
    made = lend("reviewer", "helper")
    content = csv("登录名,离岗日期,原因", "reviewer,2026-03-02,退休", "clerk,2026-03-03,调出")
    login.sign_in("reviewer", people.PASSWORD, ip="", agent="", now=NOW)
    login.sign_in("clerk", people.PASSWORD, ip="", agent="", now=NOW)
    change = rosters.propose(
        actor=staff.system, roster="leavers", name="l.csv", content=content, reason="人事", now=NOW
    )
    approve(staff, change)
    assert User.objects.get(username="clerk").is_active

    done = leaving.clear(now=NOW + timedelta(days=1))

    assert done["ended"] == 1
    for name in ("reviewer", "clerk"):
        user = User.objects.get(username=name)
        assert not user.is_active
        assert not user.sessions.filter(ended_at__isnull=True).exists()
        assert not user.appointments.filter(is_enabled=True).exists()
        assert not user.tokens.filter(revoked_at__isnull=True).exists()
        assert Leaver.objects.get(user=user).returned == 0
    made.refresh_from_db()
    assert made.ended_at is not None
    assert [f.kind for f in findings.scan(now=NOW + timedelta(days=1))] == []


def test_what_was_asked_of_a_leaver_goes_back_to_the_duty(staff: Staff) -> None:
    world = factories.found()
    header = world.payment(world.allot(), "100.00")
    assert world.do("payment.application", [header.address], "submit", "clerk").ok
    world.see("treasurer")
    Todo.objects.filter(header=header).update(user_id=staff.clerk.user_id)
    approve(
        staff,
        propose(staff, "user.leave", user_id=staff.clerk.user_id, left_on="2026-03-02", why="退休"),
    )

    done = leaving.clear(now=NOW + timedelta(hours=1))

    world.see("treasurer")
    assert done == {"ended": 0, "handed_on": 1}
    assert Todo.objects.get(header=header, is_open=True).user_id is None
    assert Leaver.objects.get().returned == 1


def test_a_leaver_keeps_no_certificate_and_no_second_factor(staff: Staff) -> None:
    now = NOW.astimezone(UTC)
    root = authority.authority(
        "根", algorithm=ECDSA, seed=b"r", span=Span(now - timedelta(1), now + timedelta(9))
    )
    one = authority.issue(
        root, "clerk", algorithm=ECDSA, seed=b"c", span=Span(now - timedelta(1), now + timedelta(9))
    )
    about = staff.clerk.user_id
    approve(staff, propose(staff, "certificate.bind", user_id=about, certificate=one.pem))
    SecondFactor.objects.create(user_id=about, secret="x", enrolled_at=NOW)

    approve(staff, propose(staff, "user.leave", user_id=about, left_on="2026-03-02", why="退休"))

    held = UserCertificate.objects.get()
    assert (held.revoked_at, held.revoke_reason) == (NOW, "离岗")
    assert not SecondFactor.objects.exists()
    with pytest.raises(Refused, match="找不到启用的用户"):
        propose(staff, "certificate.bind", user_id=about, certificate=one.pem)


# The review of all rights


@pytest.mark.function("PLAT-009")
def test_a_review_confirms_removes_and_lists_the_unanswered(staff: Staff) -> None:
    campaign = reviews.open_campaign(
        actor=staff.security,
        title="年度权限复核",
        root_path=people.UNIT,
        deadline=TODAY + timedelta(days=10),
        now=NOW,
    )
    items = {one.username: one for one in campaign.items.order_by("pk")}
    head = people.actor_of("head")
    assert sorted(items) == ["clerk", "head", "helper", "reviewer"]

    reviews.answer(actor=head, item_id=items["clerk"].pk, decision="keep", now=NOW)
    removed = reviews.answer(
        actor=head, item_id=items["helper"].pk, decision="remove", opinion="已调岗", now=NOW
    )
    with pytest.raises(Refused, match=r"本人的任职由他人复核.*IDN-3026"):
        reviews.answer(actor=head, item_id=items["head"].pk, decision="keep", now=NOW)
    assert Appointment.objects.get(user__username="helper").is_enabled

    change = removed.change
    assert change is not None
    approve(staff, change)
    reviews.close_campaign(actor=staff.security, campaign_id=campaign.pk, now=NOW)

    assert not Appointment.objects.get(user__username="helper").is_enabled
    assert reviews.progress(campaign).unanswered == 2
    assert [i.username for i in reviews.unanswered(campaign)] == ["reviewer", "head"]
    with pytest.raises(Refused, match="IDN-3026"):
        reviews.answer(actor=head, item_id=items["reviewer"].pk, decision="keep", now=NOW)


@pytest.mark.function("PLAT-009")
def test_reviewers_are_asked_and_reminded_once(staff: Staff) -> None:
    campaign = reviews.open_campaign(
        actor=staff.security,
        title="年度权限复核",
        root_path=people.UNIT,
        deadline=TODAY + timedelta(days=4),
        now=NOW,
    )
    head = people.actor_of("head")

    assert rights_notices.announce(campaign, now=NOW) == 1
    told = [rights_notices.remind(now=NOW + timedelta(days=days)) for days in (0, 1, 2, 3, 4, 5)]
    scope.apply(staff.security)
    items = list(campaign.items.exclude(username="head"))
    for one in items:
        reviews.answer(actor=head, item_id=one.pk, decision="keep", now=NOW)

    assert told == [0, 1, 0, 1, 0, 0]
    assert reviews.asked(campaign, on=TODAY) == []
    assert "复核" in notices.inbox(actor=head)[0].title


def test_the_applicant_reads_what_was_decided(staff: Staff) -> None:
    asked = ask("user.disable", user_id=staff.clerk.user_id)
    change = requests.take(actor=staff.system, request_id=asked.pk, now=NOW)
    rights_notices.submitted(asked, now=NOW)
    rights_notices.proposed(change, now=NOW)
    decided = rights.reject(actor=staff.security, change_id=change.pk, opinion="尚未离岗", now=NOW)
    rights_notices.decided(decided.change, now=NOW)

    [seen] = notices.inbox(actor=people.actor_of("head"))
    assert (seen.title[:4], seen.body, seen.level) == ("已驳回：", "尚未离岗", "warning")
    assert [n.title[:4] for n in notices.inbox(actor=staff.system)] == ["待受理："]
    assert [n.title[:4] for n in notices.inbox(actor=staff.security)] == ["待审批："]


@pytest.mark.function("PLAT-009")
def test_a_review_of_nothing_is_refused(staff: Staff) -> None:
    with pytest.raises(Refused, match="IDN-3027"):
        reviews.open_campaign(
            actor=staff.security, title="复核", root_path="4406/440699", deadline=TODAY, now=NOW
        )


@pytest.mark.function("PLAT-009")
def test_findings_are_kept_from_first_sight_to_their_end(staff: Staff) -> None:
    approve(
        staff, propose(staff, "user.create", username="lonely", name="无岗", pinyin="", phone="")
    )

    [first] = findings.scan(now=NOW)
    [again] = findings.scan(now=NOW + timedelta(days=1))
    approve(staff, propose(staff, "user.disable", user_id=User.objects.get(username="lonely").pk))
    gone = findings.scan(now=NOW + timedelta(days=2))

    assert (first.kind, first.who) == ("idle_user", "无岗")
    assert again.pk == first.pk
    assert again.last_seen > again.first_seen
    assert gone == []
