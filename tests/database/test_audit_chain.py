"""The trail: the application can't touch it, and whatever a superuser does to it is found."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction
from tests import factories
from tests.database_server import Place
from tests.factories import NOW

from shucai.kernel.audit import sealing
from shucai.kernel.audit.trail import digest
from shucai.site.process import wait_until

Tamper = Callable[[psycopg.Connection], None]

FORBIDDEN = (
    "UPDATE audit_row SET result = 'done'",
    "DELETE FROM audit_row",
    "TRUNCATE audit_row",
    "INSERT INTO audit_row (body) VALUES ('{}')",
    "UPDATE audit_seal SET rows = 0",
    "DELETE FROM audit_seal",
    "ALTER TABLE audit_row DISABLE TRIGGER audit_row_deny",
)


def altered(admin: psycopg.Connection) -> None:
    admin.execute("UPDATE audit_row SET body = replace(body, 'submit', 'approve')")


def altered_with_its_leaf(admin: psycopg.Connection) -> None:
    """Body and digest fit again; only the chain knows."""
    row = admin.execute("SELECT id, body FROM audit_row ORDER BY id LIMIT 1").fetchone()
    assert row is not None
    body = row[1].replace('"result":"done"', '"result":"refused"')
    admin.execute(
        "UPDATE audit_row SET body = %s, leaf = %s, result = 'refused' WHERE id = %s",
        [body, digest(body), row[0]],
    )


def removed(admin: psycopg.Connection) -> None:
    admin.execute("DELETE FROM audit_row WHERE id = (SELECT min(id) FROM audit_row)")


def slipped_in(admin: psycopg.Connection) -> None:
    columns = "body, leaf, transaction, actor_id, action, target_type, target, result, at"
    columns += ", name, unit_name, trace"
    admin.execute(
        f"INSERT INTO audit_row (id, {columns})"
        f" OVERRIDING SYSTEM VALUE SELECT -id, {columns} FROM audit_row ORDER BY id LIMIT 1"
    )


def seal_removed(admin: psycopg.Connection) -> None:
    admin.execute("DELETE FROM audit_seal WHERE id = (SELECT max(id) FROM audit_seal)")


def index_columns_changed(admin: psycopg.Connection) -> None:
    admin.execute("UPDATE audit_row SET actor_id = 99 WHERE id = (SELECT min(id) FROM audit_row)")


TAMPERED: tuple[Tamper, ...] = (
    altered,
    altered_with_its_leaf,
    removed,
    slipped_in,
    seal_removed,
    index_columns_changed,
)


@pytest.fixture
def sealed(fresh_database: str) -> str:
    world = factories.found()
    with transaction.atomic():
        allotment = world.allot("1000.00")
        payment = world.payment(allotment, "10.00")
    seal_all(NOW + timedelta(hours=1))
    world.do("payment.application", [payment.address], "submit", "clerk")
    seal_all(NOW + timedelta(hours=2))
    return fresh_database


def seal_all(at: datetime) -> None:
    """Other databases of the server may have older transactions running: they are waited for."""

    def is_done() -> bool:
        sealing.seal(at=at)
        proof = sealing.prove()
        assert proof.ok
        return proof.unsealed == 0

    assert wait_until(is_done, seconds=120, every=0.2)


@pytest.fixture
def admin(sealed: str, database_place: Place) -> Iterator[psycopg.Connection]:
    """The owner of the machine: the guards switched off."""
    with database_place.connect(sealed) as connected:
        connected.autocommit = True
        connected.execute("SET session_replication_role = replica")
        yield connected


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_application_role_can_not(db: None, statement: str) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic():
        connection.cursor().execute(statement)


def test_with_its_guards_on_not_even_a_superuser_changes_it(
    sealed: str, database_place: Place
) -> None:
    with database_place.connect(sealed) as owner:
        for statement in ("UPDATE audit_row SET result = 'x'", "DELETE FROM audit_seal"):
            with pytest.raises(psycopg.Error) as refusal:
                owner.execute(statement)
            assert refusal.value.sqlstate == "SC001"


@pytest.mark.parametrize("tamper", TAMPERED, ids=[one.__name__ for one in TAMPERED])
def test_what_was_tampered_with_is_found(admin: psycopg.Connection, tamper: Tamper) -> None:
    tamper(admin)

    found = sealing.prove()

    assert not found.ok
    assert all("审计记录" in fault or "封存" in fault for fault in found.faults)


def test_a_chain_rewritten_whole_is_found_by_the_deposited_head(
    admin: psycopg.Connection,
) -> None:
    deposited = sealing.head()
    altered_with_its_leaf(admin)
    rewrite(admin)

    assert sealing.prove().ok
    found = sealing.prove(deposited=deposited)

    assert [fault for fault in found.faults if "寄存" in fault]


def rewrite(admin: psycopg.Connection) -> None:
    """Every link anew, as somebody would who knows how it is made."""
    previous = b"\x00" * 32
    for seal, ids in admin.execute("SELECT id, row_ids FROM audit_seal ORDER BY id").fetchall():
        rows = [int(one) for one in ids.split(",")]
        found = admin.execute("SELECT id, leaf FROM audit_row WHERE id = ANY(%s)", [rows])
        leaves = dict(found.fetchall())
        head = sealing.link(previous, [bytes(leaves[one]) for one in rows])
        admin.execute(
            "UPDATE audit_seal SET previous = %s, head = %s WHERE id = %s", [previous, head, seal]
        )
        previous = head
