"""The API on attachments, handing over, hanging, and drafts taken over from documents."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from tests import callers
from tests.callers import Caller, Callers

PAYMENTS = "/documents/payment.application"


@pytest.fixture
def city(db: None, monkeypatch: pytest.MonkeyPatch) -> Callers:
    return callers.found(monkeypatch)


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> Any:
    with override_settings(DATA=tmp_path):
        yield


def upload(caller: Caller, path: str, name: str, content: bytes) -> Any:
    return caller.client.post(
        f"/api/v1{path}",
        {"file": SimpleUploadedFile(name, content), "category": "合同"},
        headers={"Authorization": f"Bearer {caller.secret}"},
    )


def test_a_file_comes_in_is_listed_fetched_and_removed(city: Callers) -> None:
    payment = city.world.payment(city.world.allot(), "10.00")
    where, clerk = f"{PAYMENTS}/{payment.address}/files", city.as_("clerk")

    made = upload(clerk, where, "合同.txt", "金额 10 元".encode())
    listed = clerk.get(where).json()["files"]
    fetched = clerk.get(f"{where}/{made.json()['id']}")
    stranger = city.as_("other_clerk").get(f"{where}/{made.json()['id']}")
    removed = clerk.send("DELETE", f"{where}/{made.json()['id']}")
    gone = clerk.get(f"{where}/{made.json()['id']}")

    assert made.status_code == 201, made.content.decode()
    assert [one["name"] for one in listed] == ["合同.txt"]
    assert listed[0]["category"] == "合同"
    assert b"".join(fetched.streaming_content).decode() == "金额 10 元"
    assert fetched["X-Content-Type-Options"] == "nosniff"
    assert stranger.status_code == 404
    assert removed.status_code == 204
    assert (gone.status_code, gone.json()["code"]) == (404, "API-1405")


def test_a_program_and_a_missing_file_are_refused(city: Callers) -> None:
    payment = city.world.payment(city.world.allot(), "10.00")
    where, clerk = f"{PAYMENTS}/{payment.address}/files", city.as_("clerk")

    program = upload(clerk, where, "run.exe", b"MZ" + b"\0" * 200)
    nothing = clerk.client.post(
        f"/api/v1{where}", {}, headers={"Authorization": f"Bearer {clerk.secret}"}
    )

    assert program.status_code == 422
    assert program.json()["code"].startswith("FIL-")
    assert (nothing.status_code, nothing.json()["code"]) == (422, "API-1002")


def test_hanging_stops_a_document_until_it_is_resumed(city: Callers) -> None:
    payment = city.world.payment(city.world.allot(), "10.00")
    number = city.world.do("payment.application", [payment.address], "submit", "clerk").results[0]
    reviewer, body = city.as_("reviewer"), {"numbers": [number.number], "opinion": "待补材料"}

    hung = reviewer.post(f"{PAYMENTS}/aside/hang", body)
    stopped = reviewer.post(f"{PAYMENTS}/{number.number}/approve")
    resumed = reviewer.post(f"{PAYMENTS}/aside/resume", body)
    again = reviewer.post(f"{PAYMENTS}/aside/resume", body)
    odd = reviewer.post(f"{PAYMENTS}/aside/fly", body)
    silent = reviewer.post(f"{PAYMENTS}/aside/hang", {**body, "opinion": ""})

    assert (hung.status_code, hung.json()["done"]) == (200, 1)
    assert (stopped.status_code, stopped.json()["code"]) == (409, "DOC-1008")
    assert resumed.status_code == 200
    assert again.status_code == 409
    assert (odd.status_code, odd.json()["code"]) == (422, "API-1002")
    assert (silent.status_code, silent.json()["code"]) == (422, "DOC-1007")


def test_a_cancelled_payment_becomes_a_new_draft(city: Callers) -> None:
    payment = city.world.payment(city.world.allot(), "10.00")
    address = payment.address
    for name, who in (("submit", "clerk"), ("approve", "reviewer"), ("cancel", "treasurer")):
        address = city.world.do("payment.application", [address], name, who).results[0].number
    clerk = city.as_("clerk")
    body = {"source": "payment.application", "numbers": [address]}

    taken = clerk.post(f"{PAYMENTS}/take", body)
    twice = clerk.post(f"{PAYMENTS}/take", body)

    assert taken.status_code == 201, taken.content.decode()
    draft = clerk.get(f"{PAYMENTS}/{taken.json()['addresses'][0]}").json()
    assert (draft["state"], draft["amount"]) == ("draft", "10.00")
    assert twice.status_code == 422
