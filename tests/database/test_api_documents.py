"""The API on documents: drafts, moves, batches, and every refusal with status, code and figures."""

from typing import Any

import pytest
from tests import callers
from tests.callers import Callers
from tests.factories import PAYEE

from shucai.kernel.document import batch_jobs

PAYMENTS = "/documents/payment.application"


@pytest.fixture
def city(db: None, monkeypatch: pytest.MonkeyPatch) -> Callers:
    return callers.found(monkeypatch)


def draft(allotment: str, *amounts: str, **more: Any) -> dict[str, Any]:
    lines = [{"allotment": allotment, "purpose": "办公用品", "amount": a} for a in amounts]
    return {"fields": {**PAYEE, **more}, "lines": lines}


def made(city: Callers, allotment: str, *amounts: str) -> dict[str, Any]:
    answer = city.as_("clerk").post(PAYMENTS, draft(allotment, *amounts))
    assert answer.status_code == 201, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def test_a_payment_goes_all_the_way(city: Callers) -> None:
    allotment = city.world.allot("10000.00")
    created = city.as_("clerk").post(PAYMENTS, draft(allotment, "1200.50", "300"))
    document = created.json()

    submitted = city.as_("clerk").post(f"{PAYMENTS}/{document['address']}/submit")
    number = submitted.json()["results"][0]["number"]
    approved = city.as_("reviewer").post(f"{PAYMENTS}/{number}/approve")
    paid = city.as_("treasurer").post(f"{PAYMENTS}/{number}/pay")
    seen = city.as_("clerk").get(f"{PAYMENTS}/{number}").json()

    assert created.status_code == 201
    assert created["Location"] == f"/api/v1{PAYMENTS}/{document['address']}"
    assert created["ETag"] == '"1"'
    assert document["amount"] == "1500.50"
    assert document["lines"][1] == {
        "seq": 2, "allotment": allotment, "purpose": "办公用品", "amount": "300.00",
    }  # fmt: skip
    assert submitted.status_code == 200, submitted.content.decode()
    assert submitted["ETag"] == '"2"'
    balance = submitted.json()["balances"][0]
    assert (balance["held"], balance["available"], balance["change"]) == (
        "1500.50", "8499.50", "1500.50",
    )  # fmt: skip
    assert (approved.status_code, paid.status_code) == (200, 200)
    assert seen["state_label"] == "已支付"
    assert [step["action"] for step in seen["steps"]] == ["submit", "approve", "pay"]
    assert city.world.balance(allotment) == ("10000.00", "0.00", "1500.50", "8499.50")


def test_what_is_read_can_be_written_back(city: Callers) -> None:
    document = made(city, city.world.allot(), "100.00")
    again = {"fields": document["fields"], "lines": document["lines"]}
    again["lines"][0]["amount"] = "250.00"

    answer = city.as_("clerk").send(
        "PUT", f"{PAYMENTS}/{document['address']}", _plain(again), **{"If-Match": '"1"'}
    )

    assert answer.status_code == 200, answer.content.decode()
    assert answer.json()["amount"] == "250.00"
    assert answer["ETag"] == '"2"'


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    return {
        **said,
        "lines": [{k: v for k, v in line.items() if k != "seq"} for line in said["lines"]],
    }


def test_a_change_needs_the_version_it_is_based_on(city: Callers) -> None:
    document = made(city, city.world.allot(), "100.00")
    where, body = f"{PAYMENTS}/{document['address']}", _plain(document_body(document))
    clerk = city.as_("clerk")

    without = clerk.send("PUT", where, body)
    damaged = clerk.send("PUT", where, body, **{"If-Match": "three"})
    first = clerk.send("PUT", where, body, **{"If-Match": '"1"'})
    stale = clerk.send("PUT", where, body, **{"If-Match": '"1"'})

    assert (without.status_code, without.json()["code"]) == (428, "API-1009")
    assert (damaged.status_code, damaged.json()["code"]) == (422, "API-1010")
    assert first.status_code == 200
    assert (stale.status_code, stale.json()["code"]) == (409, "DOC-1006")
    assert stale.json()["data"] == {"number": document["address"], "seen": 1, "current": 2}


def document_body(document: dict[str, Any]) -> dict[str, Any]:
    return {"fields": document["fields"], "lines": document["lines"]}


def test_every_fault_of_a_draft_is_told_at_its_place(city: Callers) -> None:
    allotment = city.world.allot()
    body = draft(allotment, "12.345", payee_name="", method="99")
    body["lines"].append({"allotment": "没有", "purpose": "x", "amount": "1", "colour": "red"})

    answer = city.as_("clerk").post(PAYMENTS, body)

    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    said = {(f["at"], f["code"]) for f in answer.json()["findings"]}
    assert said == {
        ("payee_name", "DOC-1014"),
        ("method", "DOC-1015"),
        ("lines[1].amount", "DOC-1015"),
        ("lines[2].allotment", "DOC-1015"),
        ("lines[2].colour", "DOC-1016"),
    }


def test_wrong_json_types_are_told_at_their_place(city: Callers) -> None:
    body = draft("x", "1")
    body["lines"][0]["amount"] = 1.5
    body["fields"]["method"] = ["12"]
    body["colour"] = "red"

    answer = city.as_("clerk").post(PAYMENTS, body)

    assert answer.status_code == 422
    assert {(f["at"], f["code"]) for f in answer.json()["findings"]} == {
        ("lines[1].amount", "API-1002"),
        ("method", "API-1002"),
        ("colour", "API-1002"),
    }


def test_a_body_must_be_json_of_bounded_size(city: Callers) -> None:
    clerk = city.as_("clerk")

    broken = clerk.post(PAYMENTS, '{"fields": NaN}')
    text = clerk.client.post(
        f"/api/v1{PAYMENTS}",
        data="hello",
        content_type="text/plain",
        headers={"Authorization": f"Bearer {clerk.secret}"},
    )
    huge = clerk.post(PAYMENTS, " " * (8 * 1024 * 1024 + 1))

    assert (broken.status_code, broken.json()["code"]) == (400, "API-1001")
    assert (text.status_code, text.json()["code"]) == (415, "API-1006")
    assert (huge.status_code, huge.json()["code"]) == (413, "API-1005")


def test_too_little_money_is_a_conflict_with_figures(city: Callers) -> None:
    allotment = city.world.allot("1000.00")
    document = made(city, allotment, "1200.00")

    answer = city.as_("clerk").post(f"{PAYMENTS}/{document['address']}/submit")

    said = answer.json()
    assert (answer.status_code, said["code"]) == (409, "PAY-1202")
    assert said["at"] == "lines[1].allotment"
    assert said["title"] == f"指标 {allotment} 可用余额不足"
    assert said["detail"] == "本行 1,200.00 元，可用 1,000.00 元，差 200.00 元"
    assert said["data"]["gap"] == "200.00"
    assert said["trace_id"] == answer["X-Trace-Id"]
    assert city.world.balance(allotment) == ("1000.00", "0.00", "0.00", "1000.00")


def test_preview_tells_the_outcome_and_writes_nothing(city: Callers) -> None:
    allotment = city.world.allot("1000.00")
    poor, good = made(city, allotment, "1200.00"), made(city, allotment, "400.00")
    clerk = city.as_("clerk")

    bad = clerk.post(f"{PAYMENTS}/{poor['address']}/submit", {"preview": True})
    fine = clerk.post(f"{PAYMENTS}/{good['address']}/submit", {"preview": True})

    assert (bad.status_code, bad.json()["ok"]) == (200, False)
    assert bad.json()["results"][0]["findings"][0]["code"] == "PAY-1202"
    assert fine.json()["balances"][0]["available"] == "600.00"
    assert city.world.balance(allotment) == ("1000.00", "0.00", "0.00", "1000.00")
    assert clerk.get(f"{PAYMENTS}/{good['address']}").json()["state"] == "draft"


def test_each_kind_of_refusal_has_its_status(city: Callers) -> None:
    document = made(city, city.world.allot(), "100.00")
    where = f"{PAYMENTS}/{document['address']}"
    clerk, reviewer = city.as_("clerk"), city.as_("reviewer")

    answers = {
        "not a type": clerk.get("/documents/no.such"),
        "not there": clerk.get(f"{PAYMENTS}/ZF-1"),
        "not an action": clerk.post(f"{where}/fly"),
        "no duty": reviewer.post(f"{where}/submit"),
        "wrong state": reviewer.post(f"{where}/approve"),
        "no reason": city.as_("treasurer").post(f"{where}/cancel"),
        "not a route": clerk.get("/nothing"),
        "not a method": clerk.send("PATCH", where, {}),
    }

    assert {k: (a.status_code, a.json()["code"]) for k, a in answers.items()} == {
        "not a type": (404, "DOC-1018"),
        "not there": (404, "DOC-1001"),
        "not an action": (404, "DOC-1017"),
        "no duty": (403, "DOC-1002"),
        "wrong state": (409, "DOC-1005"),
        "no reason": (409, "DOC-1005"),
        "not a route": (404, "API-1007"),
        "not a method": (405, "API-1008"),
    }
    assert answers["not a method"]["Allow"]


def test_a_foreign_unit_is_as_good_as_missing(city: Callers) -> None:
    document = made(city, city.world.allot(), "100.00")
    where = f"{PAYMENTS}/{document['address']}"

    for who in ("other_clerk", "district_clerk"):
        stranger = city.as_(who)
        answers = [
            stranger.get(where),
            stranger.post(f"{where}/submit"),
            stranger.send("DELETE", where),
            stranger.send("PUT", where, draft("x", "1"), **{"If-Match": '"1"'}),
        ]
        assert {a.status_code for a in answers} <= {404, 422}
        assert answers[0].json()["code"] == answers[1].json()["code"] == "DOC-1001"
        assert stranger.get(PAYMENTS).json()["rows"] == []


def test_a_draft_may_be_discarded_by_its_makers_only(city: Callers) -> None:
    document = made(city, city.world.allot(), "100.00")
    where = f"{PAYMENTS}/{document['address']}"

    by_reviewer = city.as_("reviewer").send("DELETE", where)
    by_clerk = city.as_("clerk").send("DELETE", where)

    assert by_reviewer.status_code == 403
    assert by_clerk.status_code == 204
    assert city.as_("clerk").get(where).status_code == 404


def test_the_same_key_makes_one_draft_and_one_move(city: Callers) -> None:
    clerk, body = city.as_("clerk"), draft(city.world.allot(), "100.00")
    key = {"Idempotency-Key": "3f6c"}

    first, again = clerk.post(PAYMENTS, body, **key), clerk.post(PAYMENTS, body, **key)
    other = clerk.post(PAYMENTS, draft("x", "1"), **key)
    where = f"{PAYMENTS}/{first.json()['address']}/submit"
    moves = [clerk.post(where, **{"Idempotency-Key": "move-1"}) for _ in range(2)]

    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, other.json()["code"]) == (422, "DOC-1010")
    assert [m.status_code for m in moves] == [200, 200]
    assert [m.json()["replayed"] for m in moves] == [False, True]
    assert moves[0].json()["results"] == moves[1].json()["results"]


def test_a_key_must_be_short_and_plain(city: Callers) -> None:
    answer = city.as_("clerk").post(PAYMENTS, draft("x", "1"), **{"Idempotency-Key": "k" * 65})

    assert (answer.status_code, answer.json()["code"]) == (422, "API-1011")


def test_a_batch_is_all_or_none_or_each(city: Callers) -> None:
    allotment = city.world.allot("1000.00")
    numbers = [made(city, allotment, amount)["address"] for amount in ("400.00", "900.00", "300")]
    clerk = city.as_("clerk")

    atomic = clerk.post(f"{PAYMENTS}/actions/submit", {"numbers": numbers})
    each = clerk.post(f"{PAYMENTS}/actions/submit", {"numbers": numbers, "mode": "each"})

    assert (atomic.status_code, atomic.json()["code"]) == (409, "PAY-1202")
    assert [r["ok"] for r in atomic.json()["results"]] == [False, False, False]
    assert each.status_code == 200
    assert each.json()["done"] == 2
    assert [r["ok"] for r in each.json()["results"]] == [True, False, True]
    assert city.world.balance(allotment)[1] == "700.00"


def test_a_long_batch_is_accepted_as_a_job_that_tells_each_document(
    city: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_jobs, "AT_ONCE", 2)
    allotment = city.world.allot("1000.00")
    numbers = [made(city, allotment, amount)["address"] for amount in ("400.00", "900.00", "300")]
    clerk, said = city.as_("clerk"), {"numbers": numbers, "mode": "each"}

    key = {"Idempotency-Key": "k-1"}
    answer = clerk.post(f"{PAYMENTS}/actions/submit", said, **key)
    again = clerk.post(f"{PAYMENTS}/actions/submit", said, **key)
    other = clerk.post(f"{PAYMENTS}/actions/submit", {**said, "opinion": "改"}, **key)
    told = clerk.get(answer["Location"].removeprefix("/api/v1")).json()

    assert (answer.status_code, again.status_code) == (202, 202)
    assert answer["Location"] == again["Location"] == f"/api/v1/jobs/{answer.json()['id']}"
    assert (told["state"], told["total"], told["documents"]) == ("queued", 3, [])
    assert (other.status_code, other.json()["code"]) == (422, "DOC-1010")
    assert city.as_("reviewer").get(f"/jobs/{told['id']}").status_code == 404


def test_a_batch_has_a_limit(city: Callers) -> None:
    clerk = city.as_("clerk")

    many = clerk.post(f"{PAYMENTS}/actions/submit", {"numbers": [f"~{n}" for n in range(20_001)]})
    none = clerk.post(f"{PAYMENTS}/actions/submit", {"numbers": []})

    assert many.status_code == none.status_code == 422
    assert many.json()["code"] == "API-1002"
    assert "20000" in many.json()["detail"].replace(",", "")


def test_lists_page_by_cursor_and_refuse_what_they_do_not_know(city: Callers) -> None:
    allotment = city.world.allot()
    made_ids = [made(city, allotment, f"{n}.00")["id"] for n in range(1, 6)]
    clerk = city.as_("clerk")

    first = clerk.get(f"{PAYMENTS}?limit=2&totals=1").json()
    second = clerk.get(f"{PAYMENTS}?limit=2&cursor={first['next']}").json()
    back = clerk.get(f"{PAYMENTS}?limit=2&cursor={second['previous']}").json()
    refused = {
        query: clerk.get(f"{PAYMENTS}?{query}").json()["code"]
        for query in (
            "colour=red", "cursor=zzz", "state=lost", "limit=0", "limit=201", "sort=colour",
            f"sort=amount&cursor={first['next']}", "amount_from=ten", "date_from=yesterday",
        )
    }  # fmt: skip

    assert [row["id"] for row in first["rows"]] == made_ids[:2:-1]
    assert first["totals"] == {"count": 5, "is_capped": False, "amount": "15.00"}
    assert [row["id"] for row in second["rows"]] == made_ids[2:0:-1]
    assert back["rows"] == first["rows"]
    assert back["previous"] is None
    assert refused.pop("colour=red") == "API-1003"
    assert refused.pop("cursor=zzz") == "API-1004"
    assert refused.pop(f"sort=amount&cursor={first['next']}") == "API-1004"
    assert set(refused.values()) == {"API-1012"}


def test_lists_filter(city: Callers) -> None:
    allotment = city.world.allot()
    small, large = made(city, allotment, "5.00"), made(city, allotment, "500.00")
    clerk = city.as_("clerk")
    clerk.post(f"{PAYMENTS}/{large['address']}/submit")

    def ids(query: str) -> list[int]:
        return [row["id"] for row in clerk.get(f"{PAYMENTS}?{query}").json()["rows"]]

    assert ids("state=draft") == [small["id"]]
    assert ids("state=draft&state=reviewing&sort=amount") == [small["id"], large["id"]]
    assert ids("amount_from=100") == [large["id"]]
    assert ids("method=11") == []
    assert ids("q=ZF2026") == [large["id"]]
    assert ids("unit=105001&date_from=2026-03-16") == [large["id"], small["id"]]


def test_words_nobody_wrote_find_an_empty_list(city: Callers) -> None:
    made(city, city.world.allot(), "5.00")
    clerk = city.as_("clerk")

    answer = clerk.get(f"{PAYMENTS}?q=没有这样的词&totals=1")

    assert answer.status_code == 200
    assert answer.json()["rows"] == []
    assert answer.json()["totals"]["count"] == 0


def test_text_that_no_database_holds_is_refused(city: Callers) -> None:
    clerk = city.as_("clerk")

    nul = clerk.post(PAYMENTS, {**draft("x", "1"), "summary": "a\x00b"})
    half = clerk.post(PAYMENTS, '{"fields": {}, "lines": [], "summary": "\\ud800"}')

    assert [a.json()["code"] for a in (nul, half)] == ["API-1001"] * 2
