"""三员分设: the five promises of the three officers, each shown to hold (OPS-029).

(a) nobody holds two of the three; (b) a change is inert until the approver acts; (c) the auditor
writes nothing and sees what was refused; (d) nobody takes a row out of the trail unseen, the
owner of the machine included; (e) a first start makes three persons or refuses.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import permutations

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from tests import people
from tests.browser import town
from tests.conformance.test_endpoints import address_of, methods_of, signed_in
from tests.database_server import ROOT, Place
from tests.people import NOW, Staff

from shucai.base.errors import Refused
from shucai.edge.api.endpoints import matrix as api_matrix
from shucai.edge.cli import main
from shucai.edge.web import endpoints
from shucai.kernel.audit import sealing
from shucai.kernel.document.declare import types
from shucai.kernel.identity import duties, findings, rights, scope, setup, tokens
from shucai.kernel.identity.models import Appointment, Position, RightsChange, User
from shucai.kernel.pages.register import registers
from shucai.site.process import wait_until

pytestmark = pytest.mark.function("OPS-029", "PLAT-009")
OFFICES = ("sysadmin", "secadmin", "auditor")
# What is the auditor's own: his session, the trail of his reading, his settings and notices.
OWN = {
    "audit_row",
    "audit_seal",
    "audit_deposit",  # that he took the head of the chain with him, append-only
    "jobs_run",  # his own proof of the chain, which reads
    "document_request",
    "identity_loginsession",
    "identity_preference",
    "identity_passwordhistory",
    "identity_signinfailure",  # wrong attempts at the public sign-in page are counted
    "identity_apitoken",
    "identity_user",
    "messages_notice",
}


def propose(staff: Staff, kind: str, **payload: object) -> RightsChange:
    return rights.propose(
        actor=staff.system, kind=kind, payload=payload, reason="工作需要", now=NOW
    )


# (a) Nobody holds two of the three


@pytest.mark.parametrize(("holder", "office"), list(permutations(OFFICES, 2)))
def test_a_nobody_is_assigned_a_second_office(db: None, holder: str, office: str) -> None:
    staff = people.appoint()

    with pytest.raises(Refused, match="IDN-3005"):
        propose(
            staff,
            "appointment.create",
            user_id=people.actor_of(holder).user_id,
            position_id=Position.objects.get(code=office).pk,
            scope_path="4406/440604",
            division=people.CITY,
            valid_from="2026-03-02",
        )


def test_a_no_position_grows_a_second_office(db: None) -> None:
    staff = people.appoint()
    pairs = [("sysadmin", duties.AUDITOR), ("auditor", duties.SECURITY_ADMIN)]

    for code, office in pairs:
        position = Position.objects.get(code=code)
        with pytest.raises(Refused, match="IDN-3005"):
            propose(
                staff,
                "position.change",
                position_id=position.pk,
                name=position.name,
                duties=[*position.duties, office],
            )


def test_a_the_nightly_scan_finds_what_came_in_past_the_rules(
    fresh_database: str, database_place: Place
) -> None:
    staff = people.appoint()
    with as_superuser(database_place, fresh_database) as admin:
        admin.execute(
            "UPDATE identity_position SET duties = array_append(duties, %s) WHERE code = 'auditor'",
            [duties.SYSTEM_ADMIN],
        )

    found = findings.scan(now=NOW)

    assert [(f.kind, f.who) for f in found] == [("collision", "安全审计员")]
    assert staff.auditor.can(duties.AUDITOR)


@contextmanager
def as_superuser(place: Place, database: str) -> Iterator[psycopg.Connection]:
    """Whoever owns the machine: no rule of the database binds him."""
    with psycopg.connect(
        host=place.host,
        port=place.port,
        user=place.superuser,
        password=place.superuser_password,
        dbname=database,
        autocommit=True,
    ) as admin:
        admin.execute("SET session_replication_role = replica")
        yield admin


# (b) A change is inert until the approver acts


def test_b_a_proposed_right_opens_nothing_anywhere(
    fresh_database: str, database_place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    built = town.build()
    now = timezone.now()
    clerk, position = built.actors["zhifu"], Position.objects.get(code="zhifu")
    change = rights.propose(
        actor=built.actors["sysadmin"],
        kind="position.change",
        payload={
            "position_id": position.pk,
            "name": position.name,
            "duties": ["payment.preparer", "allotment.preparer"],
        },
        reason="试行",
        now=now,
    )
    secret = tokens.create(
        actor=clerk, name="试", scopes=["*"], expires_at=now + timedelta(days=1), now=now
    ).secret

    def opened() -> dict[str, bool]:
        client = signed_in("zhifu")
        headers = {"Authorization": f"Bearer {secret}"}
        code = main(["list", "allotment.grant", "--as", "zhifu"])
        capsys.readouterr()
        return {
            "menu": "/d/allotment.grant/" in client.get("/").content.decode(),
            "page": client.get("/d/allotment.grant/").status_code == 200,
            "api": "allotment.preparer"
            in client.get("/api/v1/me", headers=headers).content.decode(),
            "cli": code == 0,
            "restart": "allotment.preparer" in duties_in_a_new_process(database_place),
        }

    before = opened()
    rights.approve(actor=built.actors["secadmin"], change_id=change.pk, opinion="同意", now=now)
    after = opened()

    assert not any(before.values()), before
    assert all(after.values()), after


def duties_in_a_new_process(place: Place) -> str:
    said = (
        "import django; django.setup()\n"
        "from django.utils import timezone\n"
        "from tests import people\n"
        "print(sorted(people.actor_of('zhifu', now=timezone.now()).duties))\n"
    )
    environment = place.environment(str(connection.settings_dict["NAME"]))
    environment["DJANGO_SETTINGS_MODULE"] = "shucai.site.settings"
    done = subprocess.run(
        [sys.executable, "-c", said],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


# (c) The auditor writes nothing, and sees what the others were refused


def contents() -> dict[str, str]:
    """A digest of every table that is not the auditor's own."""
    with transaction.atomic(), connection.cursor() as cursor:
        scope.apply(scope.system_actor(name="核对", fiscal_year=2026, root=people.ROOT))
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
            " AND has_table_privilege(c.oid, 'SELECT')"
        )
        names = sorted(name for (name,) in cursor.fetchall())
        found = {}
        for name in names:
            if name in OWN or name.startswith("procrastinate"):
                continue
            cursor.execute(
                "SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text))"
                f' FROM "{name}" t'
            )
            found[name] = str(cursor.fetchone())
        return found


@pytest.mark.django_db
def test_c_the_auditor_writes_nothing_through_any_page() -> None:
    built = town.build()
    client = signed_in("auditor")
    before = contents()

    for one in endpoints.matrix():
        if "POST" not in methods_of(one) or one.name in ("logout", "login", "password"):
            continue
        for body in ({}, {"reason": "试", "opinion": "试", "state": "x", "name": "x"}):
            answer = client.post(address_of(one), body)
            assert answer.status_code < 500, one.name
    for code, register in registers().items():
        for command in register.commands:
            place = "-" if command.target == "none" else "1/-"
            client.post(f"/r/{code}/{place}/{command.code}", {"reason": "试", "yes": "1"})

    assert contents() == before
    assert built.actors["auditor"].duties == {duties.AUDITOR}


@pytest.mark.django_db
def test_c_no_command_of_a_register_but_his_own_is_declared_for_the_auditor() -> None:
    own = {"platform.delegation:delegate", "platform.delegation:end"}
    own.add("platform.value_set:export")  # a file to look at
    own |= {f"platform.subscription:{one}" for one in ("contact", "subscribe", "unsubscribe")}
    own |= {"platform.head_deposit:prove", "platform.head_deposit:compare"}  # they only read

    opened = {
        f"{code}:{command.code}"
        for code, register in registers().items()
        for command in register.commands
        if duties.AUDITOR in command.by
    }
    moves = [m for kind in types().values() for m in kind.flow if m.by in duties.OFFICERS]

    assert opened - own == set()
    assert moves == []


@pytest.mark.django_db
def test_c_the_auditor_writes_nothing_through_interface_or_command_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    built = town.build()
    now = timezone.now()
    secret = tokens.create(
        actor=built.actors["auditor"],
        name="审计",
        scopes=["*"],
        expires_at=now + timedelta(days=1),
        now=now,
    ).secret
    before, client = contents(), Client()

    for one in api_matrix():
        if one.method == "GET" or one.is_public:
            continue
        path = f"/api/v1{one.path}"
        for name in ("address", "id", "set", "code", "verb", "key", "register", "command", "file"):
            path = path.replace(f"{{{name}}}", "1")
        answer = client.generic(
            one.method,
            path,
            data="{}",
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )
        assert answer.status_code < 500, one.code
    for code, kind in types().items():
        for move in kind.flow:
            assert main(["do", code, "~1", move.action, "--as", "auditor"]) == 2
    capsys.readouterr()

    assert contents() == before


def test_c_the_auditor_sees_what_the_others_were_refused(db: None) -> None:
    staff = people.appoint()
    change = propose(staff, "user.disable", user_id=staff.clerk.user_id)
    with pytest.raises(Refused):
        rights.approve(actor=staff.system, change_id=change.pk, opinion="同意", now=NOW)
    with pytest.raises(Refused):
        propose(staff, "user.create", username="x", name="")

    assert people.trail(staff.auditor)[-3:] == [
        ("identity.propose", str(change.pk), "done"),
        ("identity.approved", str(change.pk), "refused"),
        ("identity.propose", "user.create", "refused"),
    ]


# (d) The trail


def all_is_sealed() -> bool:
    sealing.seal(at=NOW + timedelta(minutes=1))
    return sealing.prove().unsealed == 0


def test_d_the_owner_of_the_machine_removes_no_row_unseen(
    fresh_database: str, database_place: Place
) -> None:
    staff = people.appoint()
    propose(staff, "user.disable", user_id=staff.clerk.user_id)
    assert wait_until(all_is_sealed, seconds=120, every=0.2)  # once older transactions have ended
    assert sealing.prove().ok

    with as_superuser(database_place, fresh_database) as admin:
        admin.execute("DELETE FROM audit_row WHERE id = (SELECT max(id) FROM audit_row)")

    proof = sealing.prove()
    assert not proof.ok
    assert proof.faults


# (e) The first start


def test_e_a_first_start_makes_three_persons(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("first_officers", root="4406", division="440600000")
    capsys.readouterr()

    held = setup.officers()
    assert {duty for _, duty in held} == set(duties.OFFICERS)
    assert len({username for username, _ in held}) == len(held) == 3
    assert Appointment.objects.count() == User.objects.count() == 3


def test_e_one_person_in_two_offices_is_refused_at_the_start(db: None) -> None:
    names = {
        duties.SYSTEM_ADMIN: ("one", "一人"),
        duties.SECURITY_ADMIN: ("one", "一人"),
        duties.AUDITOR: ("three", "三人"),
    }
    with pytest.raises(DatabaseError), transaction.atomic():
        setup.first_officers(names=names, root="4406", division="440600000", now=NOW)
    assert User.objects.count() == 0


# A right taken away bites on the next request (S3)


@pytest.mark.django_db
def test_a_right_taken_away_bites_on_the_next_request_of_an_open_session() -> None:
    built = town.build()
    now = timezone.now()
    client = signed_in("zhifu")
    secret = tokens.create(
        actor=built.actors["zhifu"],
        name="试",
        scopes=["*"],
        expires_at=now + timedelta(days=1),
        now=now,
    ).secret
    headers = {"Authorization": f"Bearer {secret}"}
    page, rows = "/d/payment.application/", "/api/v1/documents/payment.application"
    assert client.get(page).status_code == 200
    assert Client().get(rows, headers=headers).status_code == 200

    change = rights.propose(
        actor=built.actors["sysadmin"],
        kind="appointment.end",
        payload={"appointment_id": built.actors["zhifu"].appointment_id},
        reason="离岗",
        now=now,
    )
    rights.approve(actor=built.actors["secadmin"], change_id=change.pk, opinion="同意", now=now)

    assert client.get(page).status_code == 302
    assert Client().get(rows, headers=headers).status_code == 401
