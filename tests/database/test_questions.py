"""Questions: inputs in the address, the verdict with its reasons, the same answer by the API."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from tests import callers, people
from tests.browser import town
from tests.callers import Callers
from tests.city import KEEPER

from shucai.kernel import registry
from shucai.kernel.pages import asked
from shucai.kernel.pages.question import Answer, Question
from shucai.kernel.pages.register import Call, Entry, Input, Table


def _input(name: str, label: str, entry: Entry, **more: Any) -> Input:
    return Input(name=name, label=label, entry=entry, **more)


def _answer(call: Call) -> Answer:
    may = call.values["amount"] <= 100
    return Answer(
        verdict=f"{call.actor.name}{'可以' if may else '不可以'}支付",
        look="good" if may else "bad",
        tables={"依据": Table(("条件", "结论"), [("不超过 100 元", "通过" if may else "不通过")])},
        data={"may": may, "amount": call.values["amount"]},
    )


@pytest.fixture
def question() -> Iterator[Question]:
    made = Question(
        code="payment.may",
        name="能否支付",
        inputs=[
            _input("amount", "金额", "money"),
            _input(
                "method",
                "方式",
                "choice",
                is_required=False,
                options=lambda a, r: [("11", "直接支付")],
            ),
        ],
        answer=_answer,
        readers=["payment.preparer"],
    )
    yield made
    registry.forget("question", ["payment.may"])


@pytest.fixture
def clerk(db: None) -> Client:
    town.build()
    client = Client()
    client.post("/login", {"username": "zhifu", "password": people.PASSWORD})
    return client


def test_the_form_asks_and_the_answer_gives_its_reasons(question: Question, clerk: Client) -> None:
    empty = clerk.get("/q/payment.may").content.decode()
    good = clerk.get("/q/payment.may?amount=99.50&method=11").content.decode()
    bad = clerk.get("/q/payment.may?amount=1,200").content.decode()

    assert 'name="amount"' in empty
    assert "sc-verdict" not in empty
    assert "王晓萌可以支付" in good
    assert 'value="99.50"' in good
    assert "sc-verdict-bad" in bad
    assert "不超过 100 元" in bad


def test_what_cannot_be_read_is_told_at_once(question: Question, clerk: Client) -> None:
    said = clerk.get("/q/payment.may?amount=viel&method=99").content.decode()

    assert said.count("PAG-1002") == 2
    assert "应为金额" in said
    assert "可选 直接支付" in said
    assert "PAG-1001" in clerk.get("/q/payment.may?method=11").content.decode()


def test_only_readers_ask_and_unknown_questions_are_missing(
    question: Question, clerk: Client
) -> None:
    reviewer = Client()
    reviewer.post("/login", {"username": "guoku", "password": people.PASSWORD})

    refused = reviewer.get("/q/payment.may?amount=1")

    assert refused.status_code == 403
    assert "WEB-1001" in refused.content.decode()
    assert clerk.get("/q/payment.never").status_code == 404


def test_the_api_gives_the_same_answer(
    question: Question, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    city: Callers = callers.found(monkeypatch)
    clerk, reviewer = city.as_("clerk"), city.as_("reviewer")

    answer = clerk.get("/questions/payment.may?amount=99.50")
    listed = clerk.get("/questions").json()["questions"]

    assert answer.status_code == 200
    said = answer.json()
    assert said["look"] == "good"
    assert said["tables"][0]["rows"] == [["不超过 100 元", "通过"]]
    assert said["data"] == {"may": True, "amount": "99.50"}
    assert "payment.may" in [one["code"] for one in listed]
    assert clerk.get("/questions/payment.never").json()["code"] == "API-1407"
    assert reviewer.get("/questions/payment.may?amount=1").json()["code"] == "API-1109"
    assert clerk.get("/questions/payment.may").json()["code"] == "PAG-1001"
    assert clerk.get("/questions/payment.may?amount=1&x=2").status_code == 422


def test_every_entry_becomes_its_value() -> None:
    inputs = [
        _input("day", "日期", "date"),
        _input("count", "数目", "integer"),
        _input("sum", "金额", "money"),
        _input("yes", "是否", "flag", is_required=False),
        _input("code", "编码", "value", of="functional"),
        _input("many", "多项", "choices", options=lambda a, r: [("a", "甲"), ("b", "乙")]),
        _input("note", "说明", "long", is_required=False),
    ]
    given = {
        "day": ["2026-03-01"],
        "count": ["12"],
        "sum": ["1,200.50"],
        "yes": ["on"],
        "code": ["2010101 行政运行"],
        "many": ["a", "b", "a"],
    }

    values, findings = asked.read(inputs, given, actor=KEEPER)
    _, wrong = asked.read(
        inputs, {**given, "day": ["gestern"], "count": ["1.5"], "many": ["c"]}, actor=KEEPER
    )

    assert findings == []
    assert values == {
        "day": date(2026, 3, 1),
        "count": 12,
        "sum": Decimal("1200.50"),
        "yes": True,
        "code": "2010101",
        "many": ["a", "b"],
        "note": None,
    }
    assert [f.place for f in wrong] == ["day", "count", "many"]


def test_a_question_that_asks_for_a_file_stops_the_start(question: Question) -> None:
    made = Question(
        code="payment.file", name="文件", inputs=[_input("file", "文件", "file")],
        answer=_answer, readers=["payment.nobody"],
    )  # fmt: skip

    found = [p for p in registry.examine() if p.code == made.code]
    registry.forget("question", [made.code])

    assert {p.message for p in found} == {
        "输入 file 的种类 file 不能用于提问",
        "职责 payment.nobody 未声明",
    }
