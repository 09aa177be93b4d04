"""记账效果 effects: what a move posts to the ledger, computed from the lines, written once."""

from collections.abc import Sequence

from shucai.base.errors import Finding
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.work import Item
from shucai.kernel.ledger import errors as ledger_errors
from shucai.kernel.ledger.accounts import AccountSpec, open_accounts
from shucai.kernel.ledger.declare import Effect, Opening
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.ledger.posting import Posting, Shortage


def field_of(kind: DocumentType, effect: Effect) -> str:
    """The line field an effect posts to: its own, or that of the move it resolves."""
    while not effect.field:
        effect = kind.posts[effect.of]
    return effect.field


def postings(kind: DocumentType, effect: Effect, item: Item) -> list[Posting]:
    """One posting a line, for the line's whole amount in yuan."""
    name = field_of(kind, effect) + "_id"
    to_name = effect.to_field + "_id" if effect.to_field else ""
    return [
        Posting(
            verb=effect.verb,
            account=getattr(line, name),
            amount=line.amount,
            header=item.header.pk,
            seq=line.seq,
            to_account=getattr(line, to_name) if to_name else None,
        )
        for line in item.lines
    ]


def open_line_accounts(kind: DocumentType, effect: Effect, items: Sequence[Item]) -> None:
    """A grant line without an account opens one, named and keyed by the line's own fields."""
    opening = effect.opens
    if opening is None:
        return
    name = effect.field
    wanted = [
        (item, line) for item in items for line in item.lines if getattr(line, f"{name}_id") is None
    ]
    if not wanted:
        return
    ids = open_accounts([_spec(opening, item, line) for item, line in wanted])
    for (_, line), account in zip(wanted, ids, strict=True):
        setattr(line, f"{name}_id", account)
    kind.line._default_manager.bulk_update([line for _, line in wanted], [name])


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
        **elements,
    )


def explain(
    kind: DocumentType, effect: Effect, item: Item, shortages: Sequence[Shortage]
) -> list[Finding]:
    """The ledger's refusals in the words of the domain, each at its line."""
    found = []
    name = field_of(kind, effect)
    accounts = LedgerAccount.objects.in_bulk({shortage.account for shortage in shortages})
    for shortage in shortages:
        account = accounts[shortage.account]
        place = f"lines[{shortage.seq}].{name}"
        if shortage.reason == "short" and effect.refuse is not None:
            found.append(
                effect.refuse.at(
                    place,
                    seq=shortage.seq,
                    allotment=account.number,
                    amount=shortage.amount,
                    available=shortage.available,
                    gap=shortage.amount - shortage.available,
                )
            )
        else:
            found.append(ledger_errors.explain(shortage, account=account, place=place))
    return found
