"""What the application role may not do, what even a superuser is denied, and what proof finds."""

from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from tests.database_server import Place
from tests.ledger_world import YEAR, World, found, see, spec

from shucai.kernel.ledger import nightly, proof
from shucai.kernel.ledger.accounts import open_accounts
from shucai.kernel.ledger.models import LedgerAccount, LedgerEntry, LedgerHold
from shucai.kernel.ledger.posting import Posting

FORBIDDEN = [
    "INSERT INTO ledger_entry SELECT * FROM ledger_entry",
    "SELECT * FROM ledger_words",
    "UPDATE ledger_entry SET amount = 1",
    "DELETE FROM ledger_entry",
    "TRUNCATE ledger_entry",
    f"SELECT * FROM ledger_entry_{YEAR}",
    f"DELETE FROM ledger_entry_{YEAR}",
    "UPDATE ledger_account SET granted = 1000000",
    "INSERT INTO ledger_account (book) VALUES ('x')",
    "DELETE FROM ledger_account",
    "UPDATE ledger_hold SET released = held",
    "DELETE FROM ledger_hold",
    "SELECT * FROM ledger_journal",
    "DELETE FROM ledger_journal",
    "UPDATE ledger_presentation SET debit_code = ''",
    "SELECT nextval('ledger_entry_id')",
    "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
    "SET session_replication_role = replica",
]
DENIED = [
    "UPDATE ledger_entry SET amount = amount + 1",
    "DELETE FROM ledger_entry",
    f"DELETE FROM ledger_entry_{YEAR}",
    "TRUNCATE ledger_entry",
    f"TRUNCATE ledger_entry_{YEAR}",
    "UPDATE ledger_journal SET actor_id = 1",
    "DELETE FROM ledger_journal",
    "DELETE FROM ledger_hold",
    "DELETE FROM ledger_account",
    "UPDATE ledger_account SET number = 'x'",
    "UPDATE ledger_account SET fiscal_year = 2027",
]
# What a superuser can do when he takes the triggers off first, and the fault it leaves.
TAMPERED = [
    ("UPDATE ledger_entry SET to_account_id = account_id WHERE verb = 'move'", "entry"),
    ("UPDATE ledger_account SET spent = spent + 1 WHERE held > 0", "balance"),
    ("UPDATE ledger_entry SET amount = amount + 1 WHERE verb = 'hold'", "balance"),
    ("UPDATE ledger_entry SET amount = amount + 1 WHERE verb IN ('grant', 'hold')", "hold"),
    ("UPDATE ledger_entry SET held = held - 1 WHERE verb = 'hold'", "chain"),
    ("DELETE FROM ledger_entry WHERE verb = 'hold'", "journal"),
    ("UPDATE ledger_hold SET released = released + 1", "held_sum"),
    ("UPDATE ledger_hold SET settled = settled + 1", "spent_sum"),
    ("DELETE FROM ledger_hold", "hold"),
    ("DELETE FROM ledger_account WHERE held > 0", "orphan"),
    ("DELETE FROM ledger_account WHERE held > 0", "conservation"),
]


@pytest.fixture
def world(fresh_database: str) -> World:
    with transaction.atomic():
        city = found()
        account = city.open("100.00")
        other = city.open("50.00", owner=city.other)
        city.do("hold", account, "30.00", header=1)
        city.post([Posting("move", account, Decimal(5), 2, 1, other)])
    return city


@pytest.fixture
def superuser(
    world: World, fresh_database: str, database_place: Place
) -> Iterator[psycopg.Connection]:
    with database_place.connect(fresh_database) as admin:
        yield admin


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_application_role_can_not(db: None, statement: str) -> None:
    found().open("100.00")

    with pytest.raises(ProgrammingError), transaction.atomic():
        connection.cursor().execute(statement)


def test_not_even_a_superuser_changes_what_was_written(superuser: psycopg.Connection) -> None:
    for statement in DENIED:
        with pytest.raises(psycopg.Error) as refusal:
            superuser.execute(statement)

        assert refusal.value.sqlstate == "SC001", statement


def test_an_entry_is_seen_by_whoever_sees_one_of_its_accounts(world: World) -> None:
    with transaction.atomic():
        see(world.mine.path)
        mine = set(LedgerEntry.objects.values_list("verb", flat=True))
        holds = LedgerHold.objects.count()
    with transaction.atomic():
        see(world.other.path)
        theirs = list(LedgerEntry.objects.order_by("id").values_list("verb", flat=True))
        no_holds = LedgerHold.objects.count()

    assert mine == {"grant", "hold", "move"}
    assert theirs == ["grant", "move"]
    assert (holds, no_holds) == (1, 0)


def test_without_a_scope_nothing_is_seen(world: World) -> None:
    with transaction.atomic():
        assert not LedgerAccount.objects.exists()
        assert not LedgerEntry.objects.exists()
        assert not LedgerHold.objects.exists()


def test_an_untouched_ledger_proves_clean(world: World) -> None:
    report = proof.check()

    assert report.ok
    assert (report.accounts, report.entries) == (2, 4)
    (total,) = report.totals
    assert (total.entered, total.departed, total.granted) == (150, 0, 150)
    assert report.as_dict()["totals"][0]["held"] == "30.00"
    assert any("“hold”没有核算科目对照" in notice for notice in report.notices)


@pytest.mark.parametrize(("statement", "kind"), TAMPERED)
def test_proof_finds_what_a_superuser_changed(
    superuser: psycopg.Connection, statement: str, kind: str
) -> None:
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(statement)

    report = proof.check()

    assert not report.ok
    assert kind in {fault.kind for fault in report.faults}
    assert "不符" in report.faults[0].text or "不存在" in report.faults[0].text
    assert report.as_dict()["fault_count"] == len(report.faults)


def test_an_inherited_overdraft_is_a_notice(superuser: psycopg.Connection, world: World) -> None:
    with transaction.atomic():
        see()
        account = world.open("10.00", control="none")
        world.do("hold", account, "20.00")
    superuser.execute("UPDATE ledger_account SET control = 'hard' WHERE id = %s", [account])

    report = proof.check(years=[YEAR])

    assert report.ok
    assert any("1 个受控账户的可用余额为负" in notice for notice in report.notices)


def test_an_always_bounded_account_is_never_negative(
    superuser: psycopg.Connection, world: World
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        superuser.execute("UPDATE ledger_account SET control = 'always', available = -1")


def test_the_nightly_job_tells_the_auditor(superuser: psycopg.Connection) -> None:
    class Work:
        alarms: list[str] = []

        def alarm(self, text: str) -> None:
            self.alarms.append(text)

    nightly.prove_ledger(Work())  # type: ignore[arg-type]
    assert Work.alarms == []

    superuser.execute("UPDATE ledger_account SET spent = spent + 1 WHERE held > 0")
    nightly.prove_ledger(Work())  # type: ignore[arg-type]
    assert "台账证明发现" in Work.alarms[0]


@pytest.mark.parametrize("said", [{"period_mode": "month"}, {"control": "soft"}])
def test_a_promise_the_writer_does_not_keep_is_not_accepted(db: None, said: dict[str, str]) -> None:
    world = found()

    with pytest.raises(DatabaseError, match=r"not kept|unknown control"), transaction.atomic():
        open_accounts([spec(world.mine, "甲", **said)])  # type: ignore[arg-type]


def test_a_year_is_opened_once_and_never_nonsense(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_open_year(2031), ledger_open_year(2031)")
        assert cursor.fetchone() == (True, False)
    with pytest.raises(Exception, match="no fiscal year"), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_open_year(7)")
