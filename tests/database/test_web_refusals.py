"""What lists, choices and the password page refuse by themselves, before the kernel is asked."""

from typing import Any

import pytest
from django.test import Client
from tests import people
from tests.browser import town

PAY = "/d/payment.application"
FIELDS = {
    "method": "11",
    "settlement": "1",
    "payee_name": "佛山市图书馆",
    "payee_account": "6222021234567890123",
    "payee_bank": "中国工商银行佛山分行",
    "content": "1",
}
LINE = {"row": "0", "line-0-allotment": "佛财预〔2026〕12号-01", "line-0-purpose": "购书"}


@pytest.fixture
def clerk(db: None) -> Client:
    town.build()
    return entered("zhifu")


def entered(username: str) -> Client:
    client = Client()
    client.post("/login", {"username": username, "password": people.PASSWORD})
    return client


def told(answer: Any) -> str:
    assert answer.status_code < 500
    text: str = answer.content.decode()
    return text


def test_a_batch_of_nothing_is_refused(clerk: Client) -> None:
    said = told(clerk.post(f"{PAY}/-/batch", {"action": "submit"}))

    assert "WEB-1002" in said
    assert "请在列表左侧勾选要办理的单据" in said


def test_an_unknown_choice_names_the_known_ones(clerk: Client) -> None:
    tab = told(clerk.get("/desk/todo?tab=nonsense"))

    assert "WEB-1003" in tab
    assert "不能使用“nonsense”" in tab


def test_all_that_match_must_still_be_what_was_shown(clerk: Client) -> None:
    saved = clerk.post(f"{PAY}/new/save", {**FIELDS, **LINE, "line-0-amount": "1.00"})
    assert saved.status_code < 400, told(saved)

    said = told(
        clerk.post(
            f"{PAY}/-/batch",
            {"action": "submit", "all": "1", "count": "7", "mode": "each", "query": ""},
        )
    )

    assert "WEB-1005" in said
    assert "确认时符合条件的有 7 笔，现在有 1 笔" in said


def test_a_new_password_is_typed_twice_alike(clerk: Client) -> None:
    said = told(
        clerk.post(
            "/password", {"old": people.PASSWORD, "new": "Xinmima@2027", "again": "Xinmima@2028"}
        )
    )

    assert "WEB-1006" in said
    assert "两次输入的新密码不一致" in said
    assert entered("zhifu").get("/").status_code == 200
