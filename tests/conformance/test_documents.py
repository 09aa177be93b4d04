"""What the database and the pipeline owe every document type; a new type is tested by existing.

A draft of any type is made from its declaration: `sample` finds a value for each field.
"""

from typing import Any

import pytest
from django.db import connection, models, transaction
from django.db.utils import DatabaseError
from tests import factories
from tests.factories import TODAY, World

from shucai.base.errors import Refused
from shucai.kernel.document import drafts, importing, listing
from shucai.kernel.document.action import Outcome
from shucai.kernel.document.declare import DocumentType, types
from shucai.kernel.document.models import Header
from shucai.kernel.identity import scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.ledger.declare import AccountField
from shucai.kernel.masterdata.fields import ElementField

KINDS = list(types().values())
every_type = pytest.mark.parametrize("kind", KINDS, ids=[k.code for k in KINDS])


@pytest.fixture
def world(db: None) -> World:
    return factories.found()


def sample(field: models.Field[Any, Any], world: World, allotment: str) -> Any:
    """A value that a person might type for the field."""
    if isinstance(field, AccountField):
        return "" if field.null else allotment
    if isinstance(field, models.ForeignKey):
        return world.school.code
    if isinstance(field, ElementField):
        return factories.VALUES[field.value_set][0][0]
    if field.choices:
        return str(field.flatchoices[0][0])
    if isinstance(field, models.DecimalField):
        return "12.34"
    if isinstance(field, models.DateField):
        return TODAY.isoformat()
    if isinstance(field, models.IntegerField):
        return "1"
    return factories.PAYEE.get(field.name, "样例")


def maker(kind: DocumentType, world: World, unit_wide: bool = True) -> Actor:
    """Whoever may make documents of the type, for the whole city or for the school."""
    base = world.people["treasurer" if unit_wide else "clerk"]
    return factories.replace(
        base, duties=frozenset({kind.maker}), unit_code=world.school.code, user_id=71
    )


def content(kind: DocumentType, world: World) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    allotment = world.allot("1000.00")
    fields = {f.name: sample(f, world, allotment) for f in kind.fields()}
    line = {f.name: sample(f, world, allotment) for f in kind.line_fields()}
    return fields, [line]


def draft(kind: DocumentType, world: World) -> Header:
    fields, lines = content(kind, world)
    return drafts.save(
        drafts.Draft(
            type=kind,
            actor=maker(kind, world),
            now=world.now(),
            today=TODAY,
            fields=fields,
            lines=lines,
        )
    )


def act(kind: DocumentType, world: World, address: str, name: str, *duties: str) -> Outcome:
    """Moves the document as a fresh person who holds just these duties."""
    move = kind.move(name)
    assert move is not None
    person = factories.replace(
        world.people["treasurer"],
        user_id=1000 + next(world.minutes),
        duties=frozenset(duties or {m.by for m in kind.flow if m.action == name}),
    )
    world.people["somebody"] = person
    return world.do(kind.code, [address], name, "somebody", opinion="说明理由")


@every_type
def test_tables_are_under_row_level_security(kind: DocumentType, db: None) -> None:
    with connection.cursor() as cursor:
        for model in (kind.model, kind.line):
            cursor.execute(
                "SELECT relrowsecurity, (SELECT count(*) FROM pg_policies p"
                " WHERE p.tablename = c.relname) FROM pg_class c WHERE relname = %s",
                [model._meta.db_table],
            )

            assert cursor.fetchone() == (True, 4), model


@every_type
def test_tables_have_the_edit_guard(kind: DocumentType, db: None) -> None:
    with connection.cursor() as cursor:
        for model in (kind.model, kind.line):
            cursor.execute(
                "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass"
                " AND tgname = 'document_content_guard'",
                [model._meta.db_table],
            )

            assert cursor.fetchone() == (1,)


@every_type
def test_a_line_of_nothing_is_refused_by_the_database(kind: DocumentType, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'c'",
            [kind.line._meta.db_table],
        )
        checks = [row[0] for row in cursor.fetchall()]

    assert any("amount >" in check for check in checks)


@every_type
def test_a_draft_is_made_and_read_back(kind: DocumentType, world: World) -> None:
    header = draft(kind, world)

    assert header.state == kind.initial
    assert header.number is None
    assert f"{header.amount:.2f}" == "12.34"
    assert kind.line._default_manager.filter(parent_id=header.pk).count() == 1


@every_type
def test_an_empty_form_tells_all_that_is_missing_at_once(kind: DocumentType, world: World) -> None:
    required = [f.name for f in kind.fields() if not f.null and not f.blank]

    world.people["maker"] = maker(kind, world)
    with pytest.raises(Refused) as refusal:
        world.draft(kind.code, "maker")

    places = {finding.place for finding in refusal.value.findings}
    assert {*required, "lines"} <= places


@every_type
def test_an_unknown_field_is_refused(kind: DocumentType, world: World) -> None:
    fields, lines = content(kind, world)
    world.people["maker"] = maker(kind, world)

    with pytest.raises(Refused, match="DOC-1016"):
        world.draft(kind.code, "maker", fields={**fields, "no_such": "1"}, lines=lines)


@every_type
@pytest.mark.parametrize("amount", ["0", "-1", "1.234", "abc", "1e13", "NaN"])
def test_a_wrong_amount_is_refused_at_its_line(
    kind: DocumentType, world: World, amount: str
) -> None:
    fields, (line,) = content(kind, world)
    world.people["maker"] = maker(kind, world)

    with pytest.raises(Refused, match="DOC-1015") as refusal:
        world.draft(kind.code, "maker", fields=fields, lines=[{**line, "amount": amount}])

    assert [f.place for f in refusal.value.findings] == ["lines[1].amount"]


@every_type
def test_nobody_without_the_duty_makes_one(kind: DocumentType, world: World) -> None:
    fields, lines = content(kind, world)

    with pytest.raises(Refused, match="DOC-1002"):
        world.draft(kind.code, "nobody", fields=fields, lines=lines)


@every_type
def test_every_move_is_refused_from_every_other_state(kind: DocumentType, world: World) -> None:
    address = draft(kind, world).address

    for action in kind.actions:
        if kind.move(action, state=kind.initial).source != kind.initial:  # type: ignore[union-attr]
            outcome = act(kind, world, address, action)
            assert [f["code"] for f in outcome.results[0].findings] == ["DOC-1005"], action


@every_type
def test_every_move_needs_its_duty(kind: DocumentType, world: World) -> None:
    address = draft(kind, world).address

    outcome = act(kind, world, address, kind.flow[0].action, "masterdata.keeper")

    assert "DOC-1002" in [f["code"] for f in outcome.results[0].findings]


@every_type
def test_the_straight_way_to_the_end_is_open(kind: DocumentType, world: World) -> None:
    """From the draft along the first move onward until a final state."""
    address, state = draft(kind, world).address, kind.initial

    while state not in kind.final:
        move = kind.moves_from(state)[0]
        outcome = act(kind, world, address, move.action)
        assert outcome.ok, outcome.results
        address, state = outcome.results[0].number, outcome.results[0].state

    assert address.startswith(kind.number.split("{")[0])


@every_type
def test_a_document_under_way_is_not_edited_even_by_sql(kind: DocumentType, world: World) -> None:
    header = draft(kind, world)
    act(kind, world, header.address, kind.flow[0].action)

    with pytest.raises(DatabaseError, match="can not be edited"), transaction.atomic():
        kind.line._default_manager.filter(parent_id=header.pk).update(amount="99.00")


@every_type
def test_the_state_is_not_set_by_the_application_role(kind: DocumentType, world: World) -> None:
    header = draft(kind, world)

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Header.objects.filter(pk=header.pk).update(state=kind.final[0])


@every_type
def test_a_foreign_unit_sees_nothing(kind: DocumentType, world: World) -> None:
    header = draft(kind, world)
    world.see("other_clerk")

    assert not Header.objects.filter(pk=header.pk).exists()
    assert not kind.model._default_manager.filter(pk=header.pk).exists()
    assert not kind.line._default_manager.filter(parent_id=header.pk).exists()


@every_type
def test_a_foreign_unit_writes_nothing(kind: DocumentType, world: World) -> None:
    header = draft(kind, world)
    line = kind.line._default_manager.get(parent_id=header.pk)
    line.pk, line.seq = None, 2
    world.see("other_clerk")

    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        line.save(force_insert=True)


@every_type
def test_the_list_finds_it_by_every_declared_filter(kind: DocumentType, world: World) -> None:
    header = draft(kind, world)
    actor = maker(kind, world)
    scope.apply(actor)
    doc = kind.model._default_manager.get(pk=header.pk)

    for name in kind.page.filters.split():
        wanted = {"unit": header.unit.code, "state": header.state}.get(name)
        value = wanted or str(getattr(doc, kind.model._meta.get_field(name).attname))
        rows = listing.page(listing.Query(type=kind, actor=actor, filters={name: [value]})).rows
        assert header.pk in [row["id"] for row in rows], name


@every_type
def test_search_finds_two_characters_of_its_text(kind: DocumentType, world: World) -> None:
    header = draft(kind, world)
    actor = maker(kind, world)
    scope.apply(actor)

    query = listing.Query(type=kind, actor=actor, filters={"q": [header.summary[:2]]})

    assert header.pk in [row["id"] for row in listing.page(query).rows]


@every_type
def test_a_draft_without_number_is_discarded_whole(kind: DocumentType, world: World) -> None:
    header = draft(kind, world)

    drafts.discard(kind=kind, actor=maker(kind, world), address=header.address, now=world.now())

    assert not Header.objects.filter(pk=header.pk).exists()


@every_type
def test_the_import_template_asks_for_every_field(kind: DocumentType) -> None:
    template = importing.template(kind)

    assert template[:2] == b"PK"
