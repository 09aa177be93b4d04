"""Configuration: drafts without effect, releases by two persons, trials, ways back, refusals."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests import configuration_world as world
from tests import people
from tests.configuration_world import place, proposed, published, save
from tests.people import NOW, Staff

from shucai.base.errors import Refused
from shucai.kernel.configuration import compare, drafts, reading, releases, transfer
from shucai.kernel.configuration.declare import Place
from shucai.kernel.configuration.models import InForce, Operation, Release, Rollback
from shucai.kernel.identity import scope

SCHOOL, HOSPITAL = "4406/440600/105", "4406/440600/201"


@pytest.fixture
def staff(db: None) -> Iterator[Staff]:
    with world.declared():
        yield people.appoint()


def text_for(unit: str = "", division: str = people.CITY, year: int = 2026) -> str:
    found = reading.current(world.CODE, "hall", division=division, fiscal_year=year, unit_path=unit)
    return str(found.content["text"])


def refused(call: Callable[..., Any], **said: Any) -> str:
    with pytest.raises(Refused) as caught:
        call(now=NOW, **said)
    return caught.value.code


def code_of(row: Any) -> int:
    return int(row.pk)


def test_a_draft_and_a_proposal_have_no_effect_until_the_second_person_publishes(
    staff: Staff,
) -> None:
    seen = [text_for()]
    release = proposed(staff, "欢迎")
    seen.append(text_for())
    releases.publish(actor=staff.security, release_id=release.pk, opinion="", now=NOW)
    seen.append(text_for())

    assert seen == ["您好", "您好", "欢迎"]
    assert drafts.find(place()) is None
    release.refresh_from_db()
    assert (release.number, release.state, len(release.digest)) == (1, "published", 64)


def test_the_most_special_place_counts(staff: Staff) -> None:
    published(staff, "全市")
    published(staff, "全市今年", place(year=2026))
    published(staff, "市本级", place(division=people.CITY))
    published(staff, "市本级今年", place(division=people.CITY, year=2026))

    told = {
        (division, year): text_for(division=division, year=year)
        for division in (people.CITY, "440604000")
        for year in (2026, 2027)
    }

    assert told == {
        (people.CITY, 2026): "市本级今年",
        (people.CITY, 2027): "市本级",
        ("440604000", 2026): "全市今年",
        ("440604000", 2027): "全市",
    }


def test_a_trial_is_for_the_chosen_units_only_and_can_grow_and_end(staff: Staff) -> None:
    published(staff, "欢迎")
    trial = published(staff, "试行", paths=[SCHOOL, f"{SCHOOL}/105001"])
    first = [text_for(f"{SCHOOL}/105001"), text_for(HOSPITAL), text_for(f"{SCHOOL}9"), text_for()]
    paths = [SCHOOL, HOSPITAL]
    said = {"actor": staff.security, "release_id": trial.pk, "now": NOW}
    releases.publish(**said, paths=paths, opinion="")
    second = [text_for(SCHOOL), text_for(HOSPITAL), text_for()]
    releases.publish(**said, opinion="")

    assert first == ["试行", "欢迎", "欢迎", "欢迎"]
    assert second == ["试行", "试行", "欢迎"]
    assert text_for() == "试行"
    assert [row.operation for row in Operation.objects.order_by("pk")][-3:] == [
        "tried", "widened", "published",
    ]  # fmt: skip
    assert Release.objects.get(number=1).state == "replaced"


def test_a_stopped_trial_leaves_what_was_before(staff: Staff) -> None:
    published(staff, "欢迎")
    trial = published(staff, "试行", paths=[SCHOOL])
    stopped = releases.stop_trial(
        actor=staff.security, release_id=trial.pk, opinion="有差错", now=NOW
    )

    assert text_for(SCHOOL) == "欢迎"
    assert stopped.state == "abandoned"


@pytest.mark.parametrize(("number", "text"), [(1, "一"), (0, "您好")])
def test_two_persons_point_back_at_an_earlier_release(staff: Staff, number: int, text: str) -> None:
    for word in ("一", "二", "三"):
        published(staff, word)
    said = {"place": place(), "number": number, "reason": "出现差错", "now": NOW}
    rollback = releases.propose_rollback(actor=staff.system, **said)
    before = text_for()
    own = refused(
        releases.decide_rollback,
        actor=replace(staff.security, user_id=staff.system.user_id),
        rollback_id=rollback.pk,
        decision="approve",
        opinion="",
    )
    releases.decide_rollback(
        actor=staff.security, rollback_id=rollback.pk, decision="approve", opinion="", now=NOW
    )

    assert (before, own, text_for()) == ("三", "CFG-2003", text)
    assert Release.objects.get(number=3).state == "abandoned"
    assert Operation.objects.order_by("-pk")[0].operation == "rolled_back"


def test_everything_leaves_an_audit_row_the_refused_too(staff: Staff) -> None:
    release = proposed(staff, "欢迎")
    refused(releases.publish, actor=staff.auditor, release_id=release.pk, opinion="")
    releases.reject(actor=staff.security, release_id=release.pk, opinion="太短", now=NOW)

    rows = [(action, result) for action, _, result in people.trail(staff.auditor)]

    assert rows[-4:] == [
        ("configuration.save", "done"),
        ("configuration.propose", "done"),
        ("configuration.publish", "refused"),
        ("configuration.reject", "done"),
    ]
    assert text_for() == "您好"


def test_the_draft_survives_a_rejection_and_can_be_proposed_again(staff: Staff) -> None:
    release = proposed(staff, "欢迎")
    releases.reject(actor=staff.security, release_id=release.pk, opinion="太短", now=NOW)
    again = proposed(staff, "欢迎光临")
    withdrawn = releases.withdraw(actor=staff.system, release_id=again.pk, now=NOW)

    assert (again.number, withdrawn.state) == (2, "withdrawn")


REFUSALS: list[tuple[str, Callable[[Staff], dict[str, Any]], Callable[..., Any]]] = [
    ("CFG-1001", lambda s: {"place": Place("nothing", "hall")}, drafts.save),
    ("CFG-1002", lambda s: {"place": place("roof")}, drafts.save),
    ("CFG-2001", lambda s: {"actor": s.auditor}, drafts.save),
    (
        "CFG-2002",
        lambda s: {"actor": replace(s.system, scope_path="4406/440604", division="440604000")},
        drafts.save,
    ),
    ("CFG-3001", lambda s: {"version": 7}, drafts.save),
    ("CFG-3006", lambda s: {"content": {"text": "长" * 400_000}}, drafts.save),
    ("CFG-3007", lambda s: {"content": {"text": object()}}, drafts.save),
    ("CFG-3007", lambda s: {"content": ["text"]}, drafts.save),
    ("CFG-1005", lambda s: {"place": place("door"), "version": 0}, drafts.discard),
    ("CFG-1004", lambda s: {"number": 9}, drafts.from_release),
]


@pytest.mark.parametrize(("code", "changes", "call"), REFUSALS)
def test_refusals_of_drafts(
    staff: Staff,
    code: str,
    changes: Callable[[Staff], dict[str, Any]],
    call: Callable[..., Any],
) -> None:
    save(staff, "欢迎")
    said: dict[str, Any] = {"actor": staff.system, "place": place(), "version": 1}
    if call is drafts.save:
        said["content"] = {"text": "早上好"}

    assert refused(call, **{**said, **changes(staff)}) == code
    kept = drafts.find(place())
    assert kept is not None
    assert kept.content == {"text": "欢迎"}


def test_a_kind_for_the_whole_city_and_all_years_has_no_other_places(staff: Staff) -> None:
    from shucai.kernel import registry
    from shucai.kernel.configuration.declare import Kind

    Kind(code="plain", name="统一", keys=lambda: {"x": "甲"}, by_division=False, by_year=False)
    try:
        said = {"actor": staff.system, "content": {}, "version": 0}
        by_division = refused(drafts.save, place=Place("plain", "x", people.CITY), **said)
        by_year = refused(drafts.save, place=Place("plain", "x", "", 2026), **said)
    finally:
        registry.forget("configuration", ["plain"])

    assert (by_division, by_year) == ("CFG-1003", "CFG-1003")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"times": 1}, "CFG-6001"),
        ({"text": "好" * 21}, "CFG-6002"),
        ({"text": "好", "times": 10}, "CFG-6002"),
        ({"text": "好", "times": "1"}, "CFG-6002"),
        ({"text": "好", "loud": "是"}, "CFG-6002"),
        ({"text": "好", "tone": "cold"}, "CFG-6002"),
        ({"text": "好", "guests": [{"name": ""}]}, "CFG-6001"),
        ({"text": "好", "guests": "张三"}, "CFG-6002"),
        ({"text": "好", "guests": [{"name": "甲"}] * 501}, "CFG-6002"),
        ({"text": "好", "colour": "红"}, "CFG-6003"),
        ({"text": "坏"}, "TST-9901"),
    ],
)
def test_a_faulty_draft_is_kept_but_not_proposed(
    staff: Staff, content: dict[str, Any], code: str
) -> None:
    drafts.save(actor=staff.system, place=place(), content=content, version=0, now=NOW)
    said = {"actor": staff.system, "place": place(), "note": "改问候语", "version": 1}

    assert refused(releases.propose, **said) == code
    assert not Release.objects.exists()


def test_refusals_of_proposals(staff: Staff) -> None:
    said: dict[str, Any] = {"actor": staff.system, "place": place(), "note": "改问候语"}
    told = [refused(releases.propose, **said, version=1)]
    save(staff, "欢迎")
    told.append(refused(releases.propose, **{**said, "note": "改"}, version=1))
    told.append(refused(releases.propose, **said, version=2))
    release = proposed(staff, "欢迎光临")
    told.append(refused(releases.propose, **said, version=2))
    releases.publish(actor=staff.security, release_id=release.pk, opinion="", now=NOW)
    save(staff, "欢迎光临")
    told.append(refused(releases.propose, **said, version=1))

    assert told == ["CFG-1005", "CFG-2005", "CFG-3001", "CFG-3003", "CFG-3004"]


def test_a_draft_based_on_an_older_release_is_looked_at_again(staff: Staff) -> None:
    published(staff, "一")
    published(staff, "二")
    save(staff, "三")
    rollback = releases.propose_rollback(
        actor=staff.system, place=place(), number=1, reason="出现差错", now=NOW
    )
    releases.decide_rollback(
        actor=staff.security, rollback_id=rollback.pk, decision="approve", opinion="", now=NOW
    )
    said = {"actor": staff.system, "place": place()}
    told = refused(releases.propose, **said, note="改问候语", version=1)
    drafts.rebase(**said, version=1, now=NOW)
    release = releases.propose(**said, note="改问候语", version=2, now=NOW)

    assert (told, release.number, release.base_number) == ("CFG-3002", 3, 1)


def test_refusals_of_decisions(staff: Staff) -> None:
    release = proposed(staff, "欢迎")
    said: dict[str, Any] = {"release_id": release.pk, "opinion": "同意"}
    proposer = replace(staff.security, user_id=staff.system.user_id)
    other = replace(staff.system, user_id=staff.clerk.user_id)
    told = [
        refused(releases.publish, actor=staff.system, **said),
        refused(releases.publish, actor=proposer, **said),
        refused(releases.publish, actor=staff.security, release_id=0, opinion=""),
        refused(releases.publish, actor=staff.security, paths=[" "], **said),
        refused(releases.publish, actor=staff.security, paths=["甲"], **said),
        refused(releases.publish, actor=staff.security, paths=["4407"], **said),
        refused(releases.reject, actor=staff.security, release_id=release.pk, opinion=""),
        refused(releases.stop_trial, actor=staff.security, **said),
        refused(releases.withdraw, actor=other, release_id=release.pk),
    ]

    assert told == [
        "CFG-2001", "CFG-2003", "CFG-3005", "CFG-4001", "CFG-4002", "CFG-4002", "CFG-2005",
        "CFG-3005", "CFG-2004",
    ]  # fmt: skip


def test_refusals_of_rollbacks(staff: Staff) -> None:
    said: dict[str, Any] = {"actor": staff.system, "place": place(), "reason": "出现差错"}
    told = [refused(releases.propose_rollback, number=0, **said)]
    published(staff, "一")
    rejected = proposed(staff, "二")
    releases.reject(actor=staff.security, release_id=rejected.pk, opinion="不妥", now=NOW)
    told += [refused(releases.propose_rollback, number=n, **said) for n in (1, 2, 3)]
    rollback = releases.propose_rollback(number=0, now=NOW, **said)
    told.append(refused(releases.propose_rollback, number=0, **said))
    decide: dict[str, Any] = {"rollback_id": rollback.pk, "opinion": ""}
    call = releases.decide_rollback
    told.append(refused(call, actor=staff.security, decision="reject", **decide))
    other = replace(staff.system, user_id=staff.clerk.user_id)
    told.append(refused(call, actor=other, decision="withdraw", **decide))
    releases.decide_rollback(actor=staff.system, decision="withdraw", now=NOW, **decide)
    told.append(refused(call, actor=staff.security, decision="approve", **decide))
    said["number"] = 0
    told.append(refused(call, actor=staff.security, rollback_id=0, decision="approve", opinion=""))

    assert told == [
        "CFG-4003", "CFG-4003", "CFG-4003", "CFG-1004", "CFG-4004", "CFG-2005", "CFG-2004",
        "CFG-3005", "CFG-3005",
    ]  # fmt: skip
    assert Rollback.objects.get().state == "withdrawn"


PROPOSE = "SELECT configuration_propose(%s, 'hall', '', 0, '{}', 0, '改', %s, '甲', %s)"
DECIDE = "SELECT configuration_decide(%s, %s, %s::text[], %s, '甲', '', %s)"


def denied(actor: Any, text: str, values: list[Any]) -> str:
    """The state with which the database refuses a statement of the application."""
    with transaction.atomic(), connection.cursor() as cursor:
        scope.apply(actor)
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            cursor.execute(text, values)
    return str(getattr(caught.value.__cause__, "sqlstate", ""))


def test_the_database_itself_knows_the_two_persons(staff: Staff) -> None:
    release = proposed(staff, "欢迎")
    both = staff.system.user_id, staff.security.user_id

    told = [
        denied(staff.security, PROPOSE, [world.CODE, both[1], NOW]),
        denied(staff.auditor, PROPOSE, [world.CODE, staff.auditor.user_id, NOW]),
        denied(staff.clerk, PROPOSE, [world.CODE, both[0], NOW]),
        denied(staff.system, DECIDE, [release.pk, "publish", [], both[0], NOW]),
        denied(staff.system, DECIDE, [release.pk, "publish", [], both[1], NOW]),
        denied(staff.clerk, DECIDE, [release.pk, "publish", [], staff.clerk.user_id, NOW]),
        denied(staff.auditor, DECIDE, [release.pk, "publish", [], staff.auditor.user_id, NOW]),
        denied(staff.security, DECIDE, [release.pk, "try", [], both[1], NOW]),
        denied(staff.security, DECIDE, [release.pk, "bless", [], both[1], NOW]),
        denied(
            replace(staff.security, scope_path=SCHOOL),
            DECIDE,
            [release.pk, "publish", [], both[1], NOW],
        ),
    ]

    assert set(told) == {"SC001"}
    assert text_for() == "您好"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE configuration_release SET body = '{}'",
        "UPDATE configuration_release SET state = 'published'",
        "DELETE FROM configuration_release",
        "INSERT INTO configuration_inforce (kind, key, division, fiscal_year, trial_paths,"
        " changed_at) VALUES ('greeting', 'hall', '', 0, '{}', now())",
        "UPDATE configuration_configurationversion SET serial = 0",
        "UPDATE configuration_operation SET actor_name = '他人'",
        "INSERT INTO configuration_office VALUES ('greeting', 'a', 'b')",
        "SELECT configuration_changed(now())",
    ],
)
def test_the_application_writes_nothing_of_it_directly(staff: Staff, statement: str) -> None:
    published(staff, "欢迎")

    assert denied(staff.security, statement, []) == "42501"


def test_what_two_officers_decide_at_once_is_decided_once(staff: Staff) -> None:
    release = proposed(staff, "欢迎")
    releases.publish(actor=staff.security, release_id=release.pk, opinion="", now=NOW)
    values = [release.pk, "publish", [], staff.security.user_id, NOW]

    assert denied(staff.security, DECIDE, values) == "SC002"
    assert InForce.objects.get().published_id == code_of(release)


def test_two_releases_are_compared_line_by_line(staff: Staff) -> None:
    published(staff, "一")
    content = {"text": "二", "loud": True, "guests": [{"name": "张三"}]}
    drafts.save(actor=staff.system, place=place(), content=content, version=0, now=NOW)

    lines = compare.contents(place(), {"text": "一", "times": 2}, content)

    assert [(line.path, line.before, line.after, line.change) for line in lines] == [
        ("问候语", "一", "二", "changed"),
        ("大声", "", "是", "added"),
        ("客人 1 · 姓名", "", "张三", "added"),
        ("次数", "2 次", "", "removed"),
    ]
    assert compare.changed(compare.releases(place(), 0, 1)) == 2


def test_a_release_travels_as_a_file_and_arrives_as_a_draft(staff: Staff) -> None:
    name, data = transfer.to_file(published(staff, "欢迎"))
    said: dict[str, Any] = {"actor": staff.system, "place": place("door"), "version": 0}
    told = [
        refused(transfer.from_file, data=b"x", **said),
        refused(transfer.from_file, data=b"{}", **said),
        refused(transfer.from_file, data=data.replace("欢迎".encode(), "早安".encode()), **said),
        refused(transfer.from_file, data=data.replace(b'"greeting"', b'"menu"'), **said),
    ]
    draft = transfer.from_file(data=data, now=NOW, **said)

    assert name == "greeting-hall-all-all-1.json"
    assert told == ["CFG-5001", "CFG-5001", "CFG-5002", "CFG-5003"]
    assert draft.content == {"text": "欢迎"}
    assert text_for() == "欢迎"
