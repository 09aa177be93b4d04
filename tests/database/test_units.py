"""Units: seen and changed within the scope; a moved unit carries every scoped row along."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from tests import city, payment_world, people
from tests.city import CLERK, DISTRICT_KEEPER, KEEPER
from tests.people import NOW, Staff

from shucai.base.errors import Refused
from shucai.kernel.document.models import Header
from shucai.kernel.identity import acting as acting_room
from shucai.kernel.identity import policies, rights, scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import Appointment
from shucai.kernel.masterdata import units
from shucai.kernel.masterdata.models import Unit


@pytest.fixture
def town(db: None) -> dict[str, Unit]:
    return city.units()


def keeper(staff: Staff) -> Actor:
    """The keeper in office, so that the database believes in him."""
    made = rights.approve(
        actor=staff.security,
        change_id=rights.propose(
            actor=staff.system,
            kind="position.create",
            payload={"code": "keeper", "name": "基础数据岗", "duties": ["masterdata.keeper"]},
            reason="设岗",
            now=NOW,
        ).pk,
        opinion="同意",
        now=NOW,
    )
    change = rights.propose(
        actor=staff.system,
        kind="appointment.change",
        payload={
            "appointment_id": staff.clerk.appointment_id,
            "scope_path": people.ROOT,
            "division": people.CITY,
            "valid_from": "2026-01-01",
            "is_default": False,
        },
        reason="让位",
        now=NOW,
    )
    rights.approve(actor=staff.security, change_id=change.pk, opinion="同意", now=NOW)
    change = rights.propose(
        actor=staff.system,
        kind="appointment.create",
        payload={
            "user_id": staff.reviewer.user_id,
            "position_id": made.target_id,
            "scope_path": people.ROOT,
            "division": people.CITY,
            "valid_from": "2026-01-01",
            "is_default": True,
        },
        reason="任职",
        now=NOW,
    )
    rights.approve(actor=staff.security, change_id=change.pk, opinion="同意", now=NOW)
    return people.actor_of("reviewer")


def test_the_tree_and_the_search_stay_within_the_scope(town: dict[str, Unit]) -> None:
    top = [u.code for u in units.children(actor=KEEPER)]
    below = [u.code for u in units.children(actor=KEEPER, parent=town["105"].pk)]
    district = [u.code for u in units.search(actor=DISTRICT_KEEPER, text="")]

    assert top == ["440600", "440604"]
    assert below == ["105001", "105002"]
    assert district == ["440604", "201"]
    assert [u.code for u in units.search(actor=KEEPER, text="sdyzx")] == ["105001"]
    assert [u.code for u in units.search(actor=KEEPER, text="卫生")] == ["108"]
    assert [u.name for u in units.divisions()] == ["佛山市本级", "禅城区"]
    with pytest.raises(Refused, match="MAS-5002"):
        units.find(actor=DISTRICT_KEEPER, code="105")


def test_a_unit_is_added_renamed_and_stopped(town: dict[str, Unit]) -> None:
    made = units.add(
        actor=KEEPER, parent=town["105"].pk, code="105003", name="市机关幼儿园", now=NOW
    )
    units.rename(actor=KEEPER, unit=made.pk, name="市实验幼儿园", now=NOW)
    stopped = units.stop(actor=KEEPER, unit=made.pk, on=date(2026, 7, 1), now=NOW)

    assert made.path == "4406/440600/105/105003"
    assert stopped.pinyin.startswith("ssyyey")
    assert not stopped.is_enabled
    with pytest.raises(Refused, match="MAS-5001"):
        units.add(actor=KEEPER, parent=town["105"].pk, code="105001", name="重", now=NOW)
    with pytest.raises(Refused, match=r"其下还有 2 个启用的单位.*MAS-5004"):
        units.stop(actor=KEEPER, unit=town["105"].pk, on=date(2026, 7, 1), now=NOW)
    with pytest.raises(Refused, match="MAS-2001"):
        units.rename(actor=CLERK, unit=made.pk, name="x", now=NOW)


@pytest.mark.parametrize(
    ("unit", "parent", "reason"),
    [
        ("105", "105001", "就是该单位或其下级"),
        ("105001", "201", "区划不同"),
        ("105001", "105", "已经隶属于此"),
    ],
)
def test_impossible_moves_are_refused(
    town: dict[str, Unit], unit: str, parent: str, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        units.move(
            actor=KEEPER,
            unit=town[unit].pk,
            parent=town[parent].pk,
            on=date(2026, 3, 2),
            reason="试",
            now=NOW,
        )

    assert refused.value.code == "MAS-5003"
    assert reason in str(refused.value)


def test_the_database_moves_units_only_for_their_keeper(town: dict[str, Unit]) -> None:
    with pytest.raises(DatabaseError, match="moved by their keeper"):
        units.move(
            actor=KEEPER,
            unit=town["105001"].pk,
            parent=town["108"].pk,
            on=date(2026, 3, 2),
            reason="没有任职的人",
            now=NOW,
        )
    with pytest.raises(DatabaseError, match="masterdata_move_unit"), transaction.atomic():
        Unit.objects.filter(code="105001").update(path="4406/1")


def test_merger_and_split_are_remembered(town: dict[str, Unit]) -> None:
    staff = people.appoint()
    merged = units.merge(
        actor=KEEPER,
        sources=[town["105001"].pk],
        target=town["105002"].pk,
        on=date(2026, 9, 1),
        reason="并校",
        now=NOW,
    )

    assert {a.user_id for a in merged.appointments} == {staff.clerk.user_id, staff.reviewer.user_id}
    assert not Unit.objects.get(code="105001").is_enabled
    assert [s.kind for s in units.history(town["105002"].pk)] == ["merged"]
    with pytest.raises(Refused, match="MAS-5006"):
        units.merge(
            actor=KEEPER,
            sources=[town["201"].pk],
            target=town["105002"].pk,
            on=date(2026, 9, 1),
            reason="跨区",
            now=NOW,
        )
    split = units.split(
        actor=KEEPER,
        source=town["105002"].pk,
        targets=[town["108"].pk],
        on=date(2026, 9, 1),
        reason="分设",
        now=NOW,
    )
    assert [u.code for u in split.units] == ["108"]


SCOPES = {
    "city": ("4406", "", {"a", "b", "c", "d"}),
    "department": ("4406/440600/105", "", {"a", "b"}),
    "unit": ("4406/440600/105/105001", "", {"a"}),
    "district": ("4406/440604", "", {"d"}),
    "office": ("4406", "jk", {"b", "c"}),
    "office in department": ("4406/440600/105", "jk", {"b"}),
    "elsewhere": ("4406/4406", "", set()),
}
ROWS = {
    "a": ("4406/440600/105/105001", "zh"),
    "b": ("4406/440600/105/105002", "jk"),
    "c": ("4406/440600/1055", "jk"),
    "d": ("4406/440604/201", "zh"),
}


@pytest.fixture
def scoped(fresh_database: str, database_place) -> None:  # type: ignore[no-untyped-def]
    """A table with the policies of the house, filled by its owner."""
    forward, _ = policies.scoped_table_sql("scoped_thing")
    with database_place.connect(fresh_database) as owner:
        owner.execute("SET ROLE shucai_owner")
        owner.execute(
            'CREATE TABLE scoped_thing (name text, unit_path text COLLATE "C", office text)'
        )
        owner.execute(forward)
        owner.execute(forward)
        owner.execute(
            "CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN IF NEW.unit_path <> OLD.unit_path AND current_user = 'shucai_owner'"
            " THEN RAISE EXCEPTION 'stays'; END IF; RETURN NEW; END $$;"
            " CREATE TRIGGER stays BEFORE UPDATE ON scoped_thing"
            " FOR EACH ROW EXECUTE FUNCTION stays()"
        )
        for name, (path, office) in ROWS.items():
            owner.execute("INSERT INTO scoped_thing VALUES (%s, %s, %s)", [name, path, office])


def acting(path: str, office: str) -> Actor:
    return replace(KEEPER, scope_path=path, office=office)


def test_a_position_sees_its_own_rows_and_no_others(scoped: None) -> None:
    for label, (path, office, expected) in SCOPES.items():
        with transaction.atomic(), connection.cursor() as cursor:
            scope.apply(acting(path, office))
            cursor.execute("SELECT name FROM scoped_thing")
            assert {name for (name,) in cursor.fetchall()} == expected, label
            assert all(acting(path, office).covers(*ROWS[name]) for name in expected)
            cursor.execute("UPDATE scoped_thing SET name = name")
            assert cursor.rowcount == len(expected), label


def test_without_a_scope_nothing_is_seen(scoped: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM scoped_thing")
        assert cursor.fetchone() == (0,)
    with pytest.raises(RuntimeError, match="lives in a transaction"):
        scope.apply(KEEPER)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO scoped_thing VALUES ('x', '4406/440604/201', 'zh')",
        "INSERT INTO scoped_thing VALUES ('x', '4406/440600/105/105001', 'jk')",
        "UPDATE scoped_thing SET unit_path = '4406/440604/201'",
        "UPDATE scoped_thing SET office = 'jk'",
    ],
)
def test_rows_outside_the_scope_are_refused(scoped: None, statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        scope.apply(acting("4406/440600/105", "zh"))
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute(statement)


def test_the_scope_ends_with_the_transaction(scoped: None) -> None:
    with transaction.atomic():
        scope.apply(acting("4406", ""))

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM scoped_thing")
        assert cursor.fetchone() == (0,)


def test_a_moved_department_carries_units_appointments_and_rows(scoped: None) -> None:
    town, staff = city.units(), people.appoint()
    actor = keeper(staff)
    held = Appointment.objects.get(user=staff.reviewer.user_id, position__code="reviewer")

    carried = units.move(
        actor=actor,
        unit=town["105"].pk,
        parent=town["108"].pk,
        on=date(2026, 3, 2),
        reason="机构改革",
        now=NOW,
    )

    assert carried.unit.path == "4406/440600/108/105"
    assert Unit.objects.get(code="105001").path == "4406/440600/108/105/105001"
    assert Unit.objects.get(code="105001").level == 4
    held.refresh_from_db()
    assert held.scope_path == "4406/440600/108/105/105001"
    assert carried.rows["masterdata_unit"] == 3
    assert [s.new_path for s in units.history(town["105"].pk)] == ["4406/440600/108/105"]
    assert carried.rows["scoped_thing"] == 2
    with transaction.atomic(), connection.cursor() as cursor:
        scope.apply(acting("4406/440600/108", ""))
        cursor.execute("SELECT name, unit_path FROM scoped_thing ORDER BY name")
        assert cursor.fetchall() == [
            ("a", "4406/440600/108/105/105001"),
            ("b", "4406/440600/108/105/105002"),
        ]


def test_a_move_waits_five_seconds_and_then_says_so(
    scoped: None,
    fresh_database: str,
    database_place,  # type: ignore[no-untyped-def]
) -> None:
    town, staff = city.units(), people.appoint()
    actor = keeper(staff)

    with database_place.connect(fresh_database, autocommit=False) as busy:
        busy.execute("LOCK TABLE scoped_thing IN SHARE MODE")
        with pytest.raises(Refused, match=r"有业务正在办理.*MAS-5005"):
            units.move(
                actor=actor,
                unit=town["105"].pk,
                parent=town["108"].pk,
                on=date(2026, 3, 2),
                reason="机构改革",
                now=NOW,
            )

    assert Unit.objects.get(code="105").path == "4406/440600/105"


def test_business_goes_on_where_the_unit_moved_to(db: None) -> None:
    world = payment_world.found()
    payment = world.draft("250.00")
    world.do("submit", payment, actor=world.staff.clerk)
    actor = keeper(world.staff)
    health = Unit.objects.create(
        code="108", name="市卫生健康局", division_code=people.CITY, path="4406/440600/108", level=2
    )

    carried = units.move(
        actor=actor,
        unit=Header.objects.get(pk=payment.pk).unit_id,
        parent=health.pk,
        on=date(2026, 3, 2),
        reason="机构改革",
        now=NOW,
    )

    expected = {
        "document_header": 1,
        "payment_paymentapplication": 1,
        "payment_paymentapplicationline": 1,
        "workflow_todo": 1,
        "ledger_account": 1,
        "masterdata_unit": 1,
    }
    assert {name: carried.rows.get(name) for name in expected} == expected
    held = Appointment.objects.select_related("position", "user").get(
        user=world.staff.reviewer.user_id, position__code="reviewer"
    )
    reviewer = acting_room.actor_of(held, fiscal_year=2026)
    assert reviewer.scope_path == "4406/440600/108/105001"
    world.do("approve", payment, actor=reviewer)
    assert payment.state == "approved"
    assert payment.unit_path == "4406/440600/108/105001"
