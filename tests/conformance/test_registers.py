"""What every register owes by existing: a new one gets these tests for free."""

import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from tests import people
from tests.browser import town

from shucai.base.errors import Problem
from shucai.edge.web import finding
from shucai.edge.web.register import table
from shucai.kernel import registry
from shucai.kernel.identity import duties, scope
from shucai.kernel.identity.actor import Actor
from shucai.kernel.masterdata.models import ValueSet
from shucai.kernel.pages import registers
from shucai.kernel.pages.access import EveryDuty, duties_of, menus_for
from shucai.kernel.pages.declare import menus
from shucai.kernel.pages.register import Command, Register
from shucai.kernel.pages.register import registers as declared
from shucai.kernel.pages.register_facts import facts, field_of, sections
from shucai.kernel.pages.registers import Query

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ALL = list(declared().values())
COMMANDS = [(one, command) for one in ALL for command in one.commands]
every_register = pytest.mark.parametrize("one", ALL, ids=[one.code for one in ALL])
every_command = pytest.mark.parametrize(
    ("one", "command"), COMMANDS, ids=[f"{one.code}.{command.code}" for one, command in COMMANDS]
)
RESTRICTED = [one for one in ALL if not isinstance(one.readers, EveryDuty)]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def people_in_office(db: None) -> Iterator[None]:
    """Everybody of the town, and one person more for duties that nobody there holds."""
    town.staff(timezone.now())
    return


def client_with(wanted: set[str]) -> Client | None:
    """Somebody of the town with one of the duties."""
    for name, (_, _, held, _) in town.STAFF.items():
        if wanted & set(held):
            client = Client()
            client.post("/login", {"username": name, "password": people.PASSWORD})
            return client
    return None


def reader_of(one: Register) -> Client:
    client = client_with(set(one.readers))
    if client is None:
        pytest.skip("nobody of the town may look; the register's own tests have such a person")
    return client


def outsider(wanted: set[str]) -> Client:
    for name, (_, _, held, _) in town.STAFF.items():
        if not wanted & set(held):
            client = Client()
            client.post("/login", {"username": name, "password": people.PASSWORD})
            return client
    raise AssertionError("everybody may")


def actor_with(one: Register) -> Actor:
    return Actor(
        user_id=1,
        name="查阅人",
        position_name="查阅岗",
        duties=frozenset(one.readers),
        scope_path=people.ROOT,
        office="",
        unit_code="",
        unit_name="",
        division=people.CITY,
        fiscal_year=2026,
    )


# ---------------------------------------------------------------- declarations


@every_register
def test_code_names_the_domain_and_the_noun(one: Register) -> None:
    assert re.fullmatch(r"[a-z_]+\.[a-z0-9_]+", one.code)
    assert CHINESE.search(one.name)


@every_register
def test_readers_are_declared_duties(one: Register) -> None:
    assert one.readers
    assert all(duties.find(code) for code in one.readers)


@every_register
def test_columns_have_labels_and_resolve(one: Register) -> None:
    assert facts(one)
    for fact in facts(one).values():
        assert CHINESE.search(fact.label), fact.name
        assert fact.column.value is not None or fact.field is not None, fact.name


@every_register
def test_facts_have_labels_and_resolve(one: Register) -> None:
    for heading, found in sections(one).items():
        assert CHINESE.search(heading)
        for fact in found:
            assert CHINESE.search(fact.label), fact.name
            assert fact.column.value is not None or fact.field is not None, fact.name


@every_register
def test_a_list_has_columns_to_show_and_something_to_say_when_empty(one: Register) -> None:
    assert 1 <= len(table.chosen(one, None)) <= 14
    assert one.empty or one.intro
    assert not one.intro or CHINESE.search(one.intro)


@every_register
def test_the_order_ends_in_one_that_is_unique(one: Register) -> None:
    query = Query(register=one, actor=actor_with(one))
    steps = registers._order(query)

    assert steps[-1].path in ("pk", one.model._meta.pk.name)
    assert all(field_of(one.model, step.path) is not None for step in steps)


@every_register
def test_covers_known_functions(one: Register) -> None:
    assert all(re.fullmatch(r"[A-Z]+-\d{3}", code) for code in one.covers)


@every_register
def test_the_menu_and_the_palette_lead_to_it(one: Register) -> None:
    pages = [item.page for menu in menus() for item in menu.items]
    found = finding.functions(actor_with(one), one.name)

    assert f"/r/{one.code}/" in pages or any(f.page == f"/r/{one.code}/" for f in found)


@every_register
def test_its_menu_item_is_for_readers(one: Register) -> None:
    items = [i for m in menus() for i in m.items if i.page == f"/r/{one.code}/"]

    for item in items:
        assert set(duties_of(item)) <= set(one.readers)
        assert any(i.page == item.page for m in menus_for(frozenset(one.readers)) for i in m.items)


@every_command
def test_a_command_is_a_verb_with_a_label_and_duties(one: Register, command: Command) -> None:
    assert re.fullmatch(r"[a-z_]+", command.code)
    assert CHINESE.search(command.label)
    assert command.by
    assert all(duties.find(code) for code in command.by)
    assert set(command.by) & set(one.readers), "who may act must be able to look"


@every_command
def test_a_command_that_may_destroy_says_so(one: Register, command: Command) -> None:
    if command.is_grave:
        assert command.confirm or command.preview or command.inputs


@every_command
def test_inputs_have_labels_and_bounds(one: Register, command: Command) -> None:
    names = [given.name for given in command.inputs]
    assert len(names) == len(set(names))
    for given in command.inputs:
        assert CHINESE.search(given.label)
        assert given.limit > 0


def test_start_up_checks_find_nothing() -> None:
    assert [p for p in registry.examine() if p.kind == "register"] == []


def test_refusals_of_registers_are_in_the_catalogue() -> None:
    from shucai.kernel.pages import errors

    found = [p for p in vars(errors).values() if isinstance(p, Problem)]
    assert len({p.code for p in found}) == len(found)


# ---------------------------------------------------------------- pages


@every_register
def test_readers_see_the_list_with_its_parts(people_in_office: None, one: Register) -> None:
    client = reader_of(one)

    page = client.get(f"/r/{one.code}/")
    said = page.content.decode()
    assert page.status_code == 200
    assert one.name in said
    assert 'id="sc-list"' in said
    assert client.get(f"/r/{one.code}/", headers=HTMX).status_code == 200
    assert "条" in client.get(f"/r/{one.code}/~/totals").content.decode()
    assert client.get(f"/r/{one.code}/~/segments").status_code == 200


@every_register
def test_every_column_can_be_shown_and_sorted(people_in_office: None, one: Register) -> None:
    client = reader_of(one)
    names = list(facts(one))

    assert client.post(f"/r/{one.code}/~/columns", {"column": names}).status_code == 302
    for name in registers.sorts(one):
        for sort in (name, f"-{name}"):
            assert client.get(f"/r/{one.code}/?sort={sort}&size=20").status_code == 200, sort


@every_register
def test_every_filter_is_taken_and_none_breaks_the_page(
    people_in_office: None, one: Register
) -> None:
    from shucai.edge.web.register import asked

    client = reader_of(one)
    for name in asked.names(one):
        for said in ("1", "2026-01-31", "没有'的;值", "\x00", "9" * 30):
            status = client.get(f"/r/{one.code}/", {name: said}).status_code
            assert status in (200, 422), (name, said)
    assert client.get(f"/r/{one.code}/", {"q": "找 不到%_'"}).status_code == 200
    assert client.get(f"/r/{one.code}/?size=9999&cursor=x").status_code in (200, 422)


def test_without_a_choice_of_his_a_reader_gets_a_whole_page(people_in_office: None) -> None:
    ValueSet.objects.bulk_create(ValueSet(code=f"set_{n:02}", name=f"值集{n}") for n in range(30))
    one = registers.found_or_refused("platform.value_set")

    page = reader_of(one).get("/r/platform.value_set/").content.decode()

    assert page.count('href="/r/platform.value_set/set_') == 30


@every_register
def test_pages_have_a_limit(people_in_office: None, one: Register) -> None:
    actor = actor_with(one)
    with transaction.atomic():
        scope.apply(actor)
        found = registers.page(Query(register=one, actor=actor, size=10**6))

    assert len(found.rows) <= registers.SIZE_MAX
    assert registers.SIZES == (20, 50, 100, 200)


@pytest.mark.parametrize("one", RESTRICTED, ids=[one.code for one in RESTRICTED])
def test_others_are_refused_with_the_duty_named(people_in_office: None, one: Register) -> None:
    client = outsider(set(one.readers))
    told = duties.name_of(one.readers[0])

    for address in ("", "~/totals", "~/segments", "nothing"):
        answer = client.get(f"/r/{one.code}/{address}")
        assert answer.status_code == 403, address
        assert told in answer.content.decode()
    assert client.post(f"/r/{one.code}/~/export").status_code == 403


@every_register
def test_an_unknown_key_is_refused_kindly(people_in_office: None, one: Register) -> None:
    answer = reader_of(one).get(f"/r/{one.code}/no-such-key-9")

    assert answer.status_code == 404
    assert "PAG-3003" in answer.content.decode()


@every_register
def test_the_list_is_exported(people_in_office: None, one: Register) -> None:
    client = reader_of(one)

    assert client.post(f"/r/{one.code}/~/export", {"query": ""}).content[:2] == b"PK"
    text = client.post(f"/r/{one.code}/~/export", {"format": "csv"}).content.decode("utf-8-sig")
    labels = [fact.label for fact in table.chosen(one, None)]
    assert text.splitlines()[0].split(",") == labels


@every_register
def test_the_first_record_has_a_page(people_in_office: None, one: Register) -> None:
    client = reader_of(one)

    found = re.search(rf'href="(/r/{re.escape(one.code)}/[^"?~-][^"]*)"', _list(client, one))
    if found is None:
        pytest.skip("nothing in it yet")
    assert client.get(found[1]).status_code == 200


def _list(client: Client, one: Register) -> str:
    body = client.get(f"/r/{one.code}/").content.decode().partition("<tbody>")[2]
    return body.partition("</tbody>")[0]


@pytest.mark.parametrize(
    ("one", "command"),
    [(one, command) for one, command in COMMANDS if not isinstance(command.by, EveryDuty)],
)
def test_a_command_without_duty_is_refused(
    people_in_office: None, one: Register, command: Command
) -> None:
    client = outsider(set(command.by))
    address = _address(one, command)

    for answer in (client.get(address), client.post(address, {"go": "1"})):
        assert answer.status_code == 403
        assert duties.name_of(command.by[0]) in answer.content.decode()


@every_command
def test_an_empty_form_is_shown_and_refused_with_findings(
    people_in_office: None, one: Register, command: Command
) -> None:
    client = client_with(set(command.by))
    if client is None:
        pytest.skip("nobody of the town may act")
    address = _address(one, command)

    shown = client.get(address)
    sent = client.post(address, {"go": "1", "sure": "1"})

    if command.target == "none":
        assert shown.status_code == 200
        assert command.label in shown.content.decode()
    else:
        assert shown.status_code in (404, 422)
    required = any(i.is_required and i.entry != "flag" for i in command.inputs)
    if command.target != "none" or (required and all(i.initial is None for i in command.inputs)):
        assert sent.status_code in (404, 422)
        assert re.search(r"[A-Z]{3}-\d{4}", sent.content.decode())
    assert sent.status_code < 500


def _address(one: Register, command: Command) -> str:
    middle = "nothing/-" if command.target == "one" else "-"
    return f"/r/{one.code}/{middle}/{command.code}"
