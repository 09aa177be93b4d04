"""数据范围 data scope: what row-level security lets the acting position see, per transaction."""

from functools import reduce

from django.db import connection

from shucai.kernel.identity.actor import Actor

AUDITOR = "identity.auditor"
STATEMENT = (
    "SELECT set_config('shucai.lo', %s, true), set_config('shucai.hi', %s, true),"
    " set_config('shucai.office', %s, true), set_config('shucai.auditor', %s, true),"
    " set_config('shucai.user', %s, true)"
)
PREPARED = reduce(lambda text, n: text.replace("%s", f"${n}", 1), range(1, 6), STATEMENT)


def apply(actor: Actor) -> None:
    """From here to the end of the transaction the database shows only the actor's rows."""
    if not connection.in_atomic_block:
        raise RuntimeError("the data scope lives in a transaction; open one first")
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, values(actor))


def values(actor: Actor) -> list[str]:
    """What STATEMENT takes, for whoever sends it along with statements of his own."""
    low, high = actor.range
    is_auditor = "on" if actor.can(AUDITOR) else ""
    return [low, high, actor.office, is_auditor, str(actor.user_id)]


def system_actor(
    *,
    name: str,
    fiscal_year: int,
    root: str,
    division: str = "",
    duties: frozenset[str] = frozenset(),
    trace_id: str = "",
) -> Actor:
    """The machine itself, for work that no person started; `root` is the path of the city."""
    return Actor(
        user_id=0,
        name=name,
        position_name="系统任务",
        duties=duties,
        scope_path=root,
        office="",
        unit_code="",
        unit_name="",
        division=division,
        fiscal_year=fiscal_year,
        channel="job",
        trace_id=trace_id,
    )
