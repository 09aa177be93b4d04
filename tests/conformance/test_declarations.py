"""What every document type owes by existing; a new type gets these tests for free."""

import ast
import re
import sys
from pathlib import Path

import pytest
from django.db import models

from shucai.base.errors import Problem
from shucai.kernel import registry
from shucai.kernel.document.declare import DocumentType, types
from shucai.kernel.document.effects import field_of
from shucai.kernel.document.listing import HEADER_FIELDS
from shucai.kernel.pages.declare import menus

CHINESE = re.compile(r"[\u4e00-\u9fff]")
KINDS = list(types().values())
every_type = pytest.mark.parametrize("kind", KINDS, ids=[k.code for k in KINDS])


def _module(kind: DocumentType) -> Path:
    path = sys.modules[kind.model.__module__].__file__
    assert path is not None
    return Path(path)


def test_start_up_checks_find_nothing() -> None:
    assert registry.examine() == []


@every_type
def test_code_names_the_domain_and_the_noun(kind: DocumentType) -> None:
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", kind.code)
    assert kind.model._meta.app_label == kind.app_label


@every_type
def test_name_is_chinese(kind: DocumentType) -> None:
    assert CHINESE.search(kind.name)


@every_type
def test_covers_known_functions(kind: DocumentType) -> None:
    assert kind.covers
    assert all(re.fullmatch(r"[A-Z]+-\d{3}", code) for code in kind.covers)


@every_type
def test_one_file_holds_the_type(kind: DocumentType) -> None:
    path = _module(kind)

    assert "documents" in path.parts
    assert kind.line.__module__ == kind.model.__module__


@every_type
def test_docstring_begins_with_both_names(kind: DocumentType) -> None:
    first = (ast.get_docstring(ast.parse(_module(kind).read_text())) or "").split("\n")[0]

    assert first.startswith(kind.name)
    assert re.search(r"[a-z]+( [a-z]+)*:", first)


@every_type
def test_states_have_plain_values_and_chinese_labels(kind: DocumentType) -> None:
    for value, label in kind.states.choices:
        assert re.fullmatch(r"[a-z_]+", value)
        assert CHINESE.search(str(label))


@every_type
def test_every_state_is_reached_from_the_first(kind: DocumentType) -> None:
    reached = {kind.initial}
    for _ in kind.flow:
        reached |= {move.target for move in kind.flow if move.source in reached}

    assert reached == set(kind.states.values)


@every_type
def test_every_state_that_is_not_final_can_be_left(kind: DocumentType) -> None:
    stuck = [s for s in kind.states.values if s not in kind.final and not kind.moves_from(s)]

    assert stuck == []


@every_type
def test_review_can_send_back_or_refuse(kind: DocumentType) -> None:
    reviewing = {m.target for m in kind.flow if m.source == kind.initial}

    for state in reviewing - set(kind.final):
        targets = {move.target for move in kind.moves_from(state)}
        assert kind.initial in targets or targets & set(kind.void), state


@every_type
def test_moves_have_verbs_and_chinese_labels(kind: DocumentType) -> None:
    for move in kind.flow:
        assert re.fullmatch(r"[a-z_]+", move.action)
        assert CHINESE.search(move.label)


@every_type
def test_one_action_has_one_label(kind: DocumentType) -> None:
    labels = {(move.action, move.label) for move in kind.flow}

    assert len(labels) == len(kind.actions)


@every_type
def test_duties_are_declared(kind: DocumentType) -> None:
    for move in kind.flow:
        assert registry.find("duty", move.by) is not None, move.by


@every_type
def test_maker_and_reviewer_hold_different_duties(kind: DocumentType) -> None:
    onward = [m.by for m in kind.flow if m.action in kind.separate and m.source != kind.initial]

    assert kind.maker not in onward


@every_type
def test_separate_moves_exist_and_are_at_least_two(kind: DocumentType) -> None:
    assert len(kind.separate) >= 2
    assert set(kind.separate) <= set(kind.actions)


@every_type
def test_backward_and_void_moves_need_a_reason(kind: DocumentType) -> None:
    for move in kind.flow:
        backward = move.target == kind.initial and move.by != kind.maker
        if backward or move.target in kind.void:
            assert move.action in kind.needs_reason, move.action


@every_type
def test_holds_are_both_settled_and_released(kind: DocumentType) -> None:
    for action, effect in kind.posts.items():
        if effect.verb == "hold":
            resolved = {e.verb for e in kind.posts.values() if e.of == action}
            assert {"settle", "release"} <= resolved


@every_type
def test_every_way_out_of_a_held_state_resolves_the_hold(kind: DocumentType) -> None:
    holding = [action for action, effect in kind.posts.items() if effect.verb == "hold"]

    for action in holding:
        for state in {m.target for m in kind.flow if m.action == action}:
            for move in kind.moves_from(state):
                stays = move.target not in kind.final and move.target != kind.initial
                assert stays or move.action in kind.posts, move.action


@every_type
def test_postings_name_a_ledger_field_of_the_line(kind: DocumentType) -> None:
    names = {f.name for f in kind.line_fields()}

    assert all(field_of(kind, effect) in names for effect in kind.posts.values())


@every_type
def test_postings_that_may_lack_money_refuse_in_the_words_of_the_domain(
    kind: DocumentType,
) -> None:
    for effect in kind.posts.values():
        if effect.verb in {"hold", "ungrant", "move"}:
            assert isinstance(effect.refuse, Problem)


@every_type
def test_rules_are_sentences_with_a_reason(kind: DocumentType) -> None:
    for rule in kind.rules:
        assert rule.doc.endswith(".")
        assert "_" in rule.name
        assert rule.on <= set(kind.actions)


@every_type
def test_number_pattern_renders_and_is_its_own(kind: DocumentType) -> None:
    shown = kind.number.format(year=2026, unit="105001", region="00", seq=1)
    others = {k.number for k in KINDS if k is not kind}

    assert 8 <= len(shown) <= 40
    assert kind.number not in others


@every_type
def test_fields_have_chinese_labels(kind: DocumentType) -> None:
    for field in [*kind.fields(), *kind.line_fields()]:
        assert CHINESE.search(str(field.verbose_name)), field.name


@every_type
def test_texts_are_bounded(kind: DocumentType) -> None:
    for field in [*kind.fields(), *kind.line_fields()]:
        if isinstance(field, models.CharField):
            assert field.max_length is not None
            assert field.max_length <= 1000
        assert not isinstance(field, models.FloatField | models.TextField), field.name


@every_type
def test_money_is_decimal_with_two_places(kind: DocumentType) -> None:
    for field in [*kind.fields(), *kind.line_fields()]:
        if isinstance(field, models.DecimalField):
            assert (field.max_digits, field.decimal_places) == (18, 2), field.name


@every_type
def test_every_required_field_is_on_the_form(kind: DocumentType) -> None:
    on_form = {name for names in kind.page.sections.values() for name in names.split()}
    required = {f.name for f in kind.fields() if not f.null and not f.blank}

    assert required <= on_form
    assert "lines" in on_form


@every_type
def test_every_required_line_field_is_in_the_grid(kind: DocumentType) -> None:
    shown = set(kind.page.line_columns.split())
    required = {f.name for f in kind.line_fields() if not f.null and not f.blank}

    assert required <= shown


@every_type
def test_list_shows_number_amount_and_state(kind: DocumentType) -> None:
    columns = kind.page.columns.split()

    assert {"number", "amount", "state"} <= set(columns)
    assert set(columns) <= {f.name for f in kind.fields()} | set(HEADER_FIELDS)


@every_type
def test_page_has_words_for_an_empty_list_and_a_print_title(kind: DocumentType) -> None:
    assert CHINESE.search(kind.page.empty)
    assert CHINESE.search(kind.page.print_title)


@every_type
def test_a_menu_leads_to_the_list(kind: DocumentType) -> None:
    pages = {item.page for menu in menus() for item in menu.items}

    assert f"/d/{kind.code}/" in pages


@every_type
def test_summary_is_a_field(kind: DocumentType) -> None:
    names = {f.name for f in [*kind.fields(), *kind.line_fields()]}

    assert kind.summary in names


@every_type
def test_takes_name_declared_types_and_states(kind: DocumentType) -> None:
    for taken in kind.takes:
        source = types()[taken.source]
        assert taken.when in source.states.values
        assert CHINESE.search(taken.label)
