"""记账效果 effects: what a move posts to the ledger, computed from the lines, written once."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import connection
from psycopg import sql

from shucai.base.errors import Finding
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.work import Item, account_fields
from shucai.kernel.ledger import errors as ledger_errors
from shucai.kernel.ledger.accounts import AccountSpec, try_open
from shucai.kernel.ledger.declare import Effect, Opening
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.ledger.posting import Posted, Posting, Shortage

# What takes back each verb; `move` goes the other way round.
OPPOSITE: Final[Mapping[str, str]] = {
    "settle": "reverse",
    "grant": "ungrant",
    "activate": "ungrant",
    "announce": "retract",
    "move": "move",
}
RESOLVES: Final[Mapping[str, frozenset[str]]] = {
    "settle": frozenset({"hold"}),
    "release": frozenset({"hold"}),
    "activate": frozenset({"announce"}),
    "retract": frozenset({"announce"}),
    "reverse": frozenset(OPPOSITE),
}


def origin(kind: DocumentType, effect: Effect) -> Effect:
    """The effect that names the account: this one, or that of the move it resolves."""
    while not effect.field:
        effect = kind.posts[effect.of]
    return effect


def field_of(kind: DocumentType, effect: Effect) -> str:
    """The line field an effect posts to: its own, or that of the move it resolves."""
    return origin(kind, effect).field


def postings(kind: DocumentType, effect: Effect, item: Item) -> list[Posting]:
    """One posting a line, for the line's whole amount in yuan."""
    first, verb = origin(kind, effect), effect.verb
    name, to_name = first.field + "_id", first.to_field + "_id" if first.to_field else ""
    if verb == "reverse":
        verb = OPPOSITE[kind.posts[effect.of].verb]
        if verb == "move":
            name, to_name = to_name, name
    return [
        Posting(
            verb=verb,
            account=getattr(line, name),
            amount=line.amount,
            header=item.header.pk,
            seq=line.seq,
            to_account=getattr(line, to_name) if to_name else None,
        )
        for line in item.lines
    ]


def open_line_accounts(kind: DocumentType, effect: Effect, items: Sequence[Item]) -> None:
    """A grant line without an account opens one, named and keyed by the line's own fields.

    Where that is refused, the document gets the finding.
    """
    opening = effect.opens
    if opening is None:
        return
    name = effect.field + "_id"
    wanted = [(item, line) for item in items for line in item.lines if getattr(line, name) is None]
    if not wanted:
        return
    opened = try_open(
        [_spec(opening, item, line) for item, line in wanted],
        places=[f"lines[{line.seq}]" for _, line in wanted],
    )
    filled = []
    for (item, line), one in zip(wanted, opened, strict=True):
        if one.refusal is not None:
            item.findings.append(one.refusal)
        else:
            setattr(line, name, one.account)
            filled.append((line.pk, one.account))
    _keep_accounts(kind, effect.field, filled)


def _keep_accounts(
    kind: DocumentType, field: str, filled: Sequence[tuple[int, int | None]]
) -> None:
    """The lines of a document under way may not be edited; an effect may fill in the account."""
    (account,) = (known for known in account_fields(kind) if known.name == field)
    statement = sql.SQL(
        "UPDATE {table} AS l SET {column} = x.account"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS x(line, account) WHERE l.id = x.line"
    ).format(
        table=sql.Identifier(kind.line._meta.db_table),
        column=sql.Identifier(account.column or account.attname),
    )
    lines, accounts = [line for line, _ in filled], [opened for _, opened in filled]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('shucai.effect', 'on', true)")
        cursor.execute(statement, [lines, accounts])
        cursor.execute("SELECT set_config('shucai.effect', '', true)")


def _spec(opening: Opening, item: Item, line: object) -> AccountSpec:
    def value(name: str) -> object:
        for record in (line, item.doc, item.header):
            if hasattr(record, name):
                return getattr(record, name)
        raise AttributeError(name)

    unit = value(opening.unit)
    names = {name: value(name) for name in opening.number_fields}
    elements = {target: str(value(source) or "") for target, source in opening.element_map.items()}
    return AccountSpec(
        book=opening.book,
        kind=opening.kind,
        fiscal_year=item.header.fiscal_year,
        division=unit.division_code,  # type: ignore[attr-defined]
        unit_id=unit.pk,  # type: ignore[attr-defined]
        unit_path=unit.path,  # type: ignore[attr-defined]
        office=unit.office,  # type: ignore[attr-defined]
        number=opening.number.format(**names),
        control=opening.control,
        period_mode=opening.period_mode,
        **elements,
    )


def tell(kind: DocumentType, effect: Effect, items: Sequence[Item], posted: Posted) -> None:
    """The ledger's refusals and warnings become findings of their documents."""
    told = [*posted.refused.values(), *posted.warned.values()]
    if not told:
        return
    accounts = LedgerAccount.objects.in_bulk({one.account for lines in told for one in lines})
    for item in items:
        for one in posted.refused.get(item.header.pk, ()):
            item.findings.append(_explain(kind, effect, one, accounts))
        for one in posted.warned.get(item.header.pk, ()):
            place = f"lines[{one.seq}].{field_of(kind, effect)}"
            account = accounts.get(one.account)
            item.findings.append(
                ledger_errors.explain(one, account=account, place=place, level="flag")
            )


def _explain(
    kind: DocumentType, effect: Effect, one: Shortage, accounts: Mapping[int, LedgerAccount]
) -> Finding:
    """In the words of the domain where it has some; an account out of sight stays so."""
    place, account = f"lines[{one.seq}].{field_of(kind, effect)}", accounts.get(one.account)
    if one.reason != "short" or effect.refuse is None or account is None:
        return ledger_errors.explain(one, account=account, place=place)
    return effect.refuse.at(
        place,
        seq=one.seq,
        allotment=account.number,
        amount=one.amount,
        available=one.available,
        gap=one.amount - one.available,
    )
