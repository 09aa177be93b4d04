"""The rights matrix by unit: what belongs to another unit is unseen in every channel (S1).

Whoever holds every duty there is, but sits in one unit, walks every address of every channel with
the keys of another unit's rows; somebody over the whole city finds them at the same addresses.
Generic over document types, registers, books and reports: a new one is walked by being declared.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from tests import people
from tests.browser import town
from tests.database_server import Place
from tests.foreign import KEY, SECRET, Elsewhere, place_of

from shucai.edge.api import access
from shucai.edge.api import endpoints as api_endpoints
from shucai.edge.cli import main, who
from shucai.edge.web import endpoints, entry
from shucai.kernel import registry
from shucai.kernel.document.declare import types
from shucai.kernel.document.models import Header
from shucai.kernel.files import storage
from shucai.kernel.files.models import StoredFile
from shucai.kernel.identity import scope, tokens
from shucai.kernel.identity.acting import Acting
from shucai.kernel.identity.actor import Actor
from shucai.kernel.jobs.acting import unpack
from shucai.kernel.jobs.models import JobRun
from shucai.kernel.jobs.running import execute
from shucai.kernel.ledger.models import LedgerAccount
from shucai.kernel.masterdata.models import Unit
from shucai.kernel.pages import rights_matrix
from shucai.kernel.pages.question import Question, questions
from shucai.kernel.pages.register import registers
from shucai.kernel.pages.register_facts import key_of

# Registers whose rows stand under a place and are everybody's all the same, each with its reason.
OPEN = {
    "platform.division": "行政区划是公共的基础数据",
    "platform.article_category": "栏目是全市共用的目录",
    "platform.review": "复核活动面向全市，其中的复核事项按单位可见",
}
# Addresses that show whole rows: somebody over the whole city must find the foreign ones there.
SHOWING = ("list", "form", "register", "register-record", "register-export", "ledger")
SHOWING += ("ledger-account", "report", "report-export", "ledger-export")
REGISTERS_SEEN, ASK = 8, "questions.ask"
AMOUNT = re.compile(r"7,?777,?777\.77")


@dataclass
class Foreign:
    """The keys of another unit's rows, and how to be somebody."""

    patch: pytest.MonkeyPatch
    narrow: Actor
    wide: Actor
    documents: dict[str, list[str]]
    files: dict[str, int]
    accounts: int
    records: dict[str, str]

    def become(self, actor: Actor) -> Client:
        """Every channel takes the caller for this person; a stranger still has no way in."""

        def enter(request: Any, *, preference: str = "") -> Acting:
            if connection.in_atomic_block:
                scope.apply(actor)
            end = timezone.now() + timedelta(hours=1)
            return Acting(actor, 0, "zhifu", False, end, False, actor.fiscal_year)

        found = tokens.Found(id=1, name="试", scopes=frozenset(["*"]), actor=actor)
        self.patch.setattr(entry, "enter", enter)
        self.patch.setattr(tokens, "find", lambda *_, **__: found)
        self.patch.setattr(who, "actor", lambda **_: actor)
        return Client(headers={"Authorization": "Bearer x"})


def everything() -> frozenset[str]:
    """Every duty but the auditor's, whose office is to see the whole city."""
    return frozenset(registry.all("duty")) - {scope.AUDITOR}


@pytest.fixture
def foreign(
    fresh_database: str,
    database_place: Place,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    tmp_path: Path,
) -> Foreign:
    settings.DATA = tmp_path
    get_resolver().url_patterns  # noqa: B018 (loading them declares every endpoint)
    built = town.build()
    monkeypatch.setattr(access, "limits", lambda: (10_000, 1_000_000))
    clerk = replace(built.actors["zhifu"], duties=everything(), appointment_id=None)
    wide = replace(clerk, scope_path=people.ROOT, user_id=built.actors["jichu"].user_id)
    with database_place.connect(fresh_database) as admin:
        admin.execute("SET session_replication_role = replica")
        common = frozenset(registers()[code].model for code in OPEN)
        maker = Elsewhere(admin, wide.fiscal_year, common)
        maker.row(Unit, code="999001", parent=None)
        maker.person()
        documents = {
            code: [maker.document(kind, str(state)) for state in kind.states]
            for code, kind in types().items()
        }
        maker.row(LedgerAccount, book="budget", kind="unit_allotment")
        for register in registers().values():
            if place_of(register.model):
                maker.of(register.model)
    found = _keys(maker, wide)
    return Foreign(monkeypatch, clerk, wide, documents, *found)


def _keys(maker: Elsewhere, wide: Actor) -> tuple[dict[str, int], int, dict[str, str]]:
    with endpoints.scoped(wide):
        ids = dict(Header.objects.filter(number__startswith=KEY).values_list("number", "pk"))
        rows = StoredFile.objects.filter(header_id__in=ids.values())
        by_header = dict(rows.values_list("header_id", "pk"))
        files = {number: by_header[pk] for number, pk in ids.items()}
        records = {}
        for code, register in registers().items():
            if code not in OPEN and place_of(register.model):
                made = register.model._default_manager.filter(pk=maker.made[register.model])
                # Some rows are hidden from everybody but their own unit's officers.
                records[code] = key_of(register, made.get()) if made.exists() else "0"
    return files, maker.made[LedgerAccount], records


def leaks(text: str, *, is_key_sent: bool) -> list[str]:
    words = [SECRET] if is_key_sent else [SECRET, KEY]
    return [word for word in words if word in text] + AMOUNT.findall(text)


def text_of(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    if answer.headers.get("Content-Type", "").partition(";")[0].endswith("json"):
        return json.dumps(json.loads(content), ensure_ascii=False)
    return str(content.decode("utf-8", "replace"))


# ------------------------------------------------------------ the addresses


def web_addresses(one: endpoints.Endpoint, keys: Foreign) -> Iterator[tuple[str, bool]]:
    """Each address of the endpoint as it stands for the foreign rows; whether it names a key."""
    parts = re.findall(r"<\w+:(\w+)>", one.route)
    if one.route.startswith("d/"):
        for code, numbers in keys.documents.items():
            kind = types()[code]
            for number in numbers[:1]:
                said = {"code": code, "address": number, "pk": keys.files[number]}
                said |= {"action": kind.actions[0], "name": "urge", "place": "field"}
                yield _filled(one.route, said), "address" in parts or "pk" in parts
    elif one.route.startswith("r/"):
        for code, register in registers().items():
            said = {"code": code, "key": keys.records.get(code, "0"), "name": "x"}
            for command in register.commands or [None]:
                said["command"] = command.code if command else "x"
                yield _filled(one.route, said), "key" in parts
                if "command" not in parts:
                    break
    elif one.route.startswith("q/"):
        for code, asked in questions().items():
            yield f"/q/{code}?{asking(asked)}", True
    elif one.route.startswith("report/"):
        for code in registry.all("summary"):
            yield _filled(one.route, {"code": code}), False
    else:
        said = {"book": "budget", "kind": "unit_allotment", "pk": keys.accounts, "code": "x"}
        yield _filled(one.route, said), "pk" in parts


def _filled(route: str, said: dict[str, Any]) -> str:
    return "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(said.get(found[1], "x")), route)


def asking(question: Question) -> str:
    """The question about what belongs to the other unit, as far as its inputs allow."""
    words = {"unit": "999001", "user": "wai2", "text": f"{KEY}-001"}
    return urlencode({one.name: words.get(one.entry, "") for one in question.inputs})


def api_paths(keys: Foreign) -> Iterator[tuple[str, bool]]:
    for one in api_endpoints.matrix():
        if one.method != "GET" or one.is_public:
            continue
        code = one.path.split("/")[2] if one.path.startswith("/registers/") else ""
        numbers = keys.documents.get(one.document_type, [""])
        for number in numbers[:1]:
            said = {"address": number, "key": keys.records.get(code, "0"), "set": "functional"}
            ledger = one.path.startswith("/ledger")
            said["id"] = str(keys.accounts if ledger else keys.files.get(number, 1))
            path = re.sub(r"{(\w+)}", lambda f, s=said: s.get(f[1], "x"), one.path)
            more = f"?{asking(questions()[path.split('/')[2]])}" if one.name == ASK else ""
            yield f"/api/v1{path}{more}", "{" in one.path or bool(more)


def walk(
    client: Client, keys: Foreign, names: Sequence[str] = ()
) -> Iterator[tuple[str, int, str, bool]]:
    """Every address that reads, and the writes that only read: status, text, whether named."""
    for one in endpoints.matrix():
        if one.access.kind == "public" or (names and one.name not in names):
            continue
        for address, named in web_addresses(one, keys):
            if "GET" in one.methods:
                answer = client.get(address)
                yield f"GET {address}", answer.status_code, text_of(answer), named
            elif one.name in ("register-export", "list-print", "batch-ask"):
                answer = client.post(address, {"query": "", "format": "csv", "all": "1"})
                yield f"POST {address}", answer.status_code, text_of(answer), named
    for address in ("/find?q=WAI", "/find/units?unit=9990", f"/find?q={KEY}-002"):
        answer = client.get(address)
        yield f"GET {address}", answer.status_code, text_of(answer), True
    for path, named in api_paths(keys):
        answer = client.get(path)
        yield f"API {path}", answer.status_code, text_of(answer), named


def command_lines(keys: Foreign, target: Path) -> Iterator[tuple[list[str], bool]]:
    for code, numbers in keys.documents.items():
        yield ["list", code, "--json", "--as", "x"], False
        yield ["export", code, str(target), "--as", "x"], False
        for number in numbers[:1]:
            yield ["show", code, number, "--json", "--as", "x"], True
    for code, key in keys.records.items():
        yield ["list", code, "--json", "--as", "x"], False
        yield ["show", code, key, "--json", "--as", "x"], True


def told(words: list[str], target: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(words)
    said = capsys.readouterr()
    text = said.out + said.err
    if target.exists():
        text += target.read_text("utf-8-sig")
        target.unlink()
    return code, text


# ------------------------------------------------------------ own and other unit


def test_nothing_of_another_unit_is_seen_in_any_channel(
    foreign: Foreign, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.csv"
    client = foreign.become(foreign.wide)
    walked = walk(client, foreign, SHOWING)
    seen = {a for a, _, text, n in walked if leaks(text, is_key_sent=n)}
    seen |= {f"job {code}" for code in types() if leaks(exported(client, code), is_key_sent=False)}
    for words, named in command_lines(foreign, target):
        if leaks(told(words, target, capsys)[1], is_key_sent=named):
            seen.add(" ".join(words[:3]))

    client, faults = foreign.become(foreign.narrow), []
    for address, status, text, named in walk(client, foreign):
        found = leaks(text, is_key_sent=named)
        if found or status >= 500:
            faults.append(f"{address}: {status} {found}")
    for code in types():
        if leaks(exported(client, code), is_key_sent=False):
            faults.append(f"job document.export {code}")
    for words, named in command_lines(foreign, target):
        code, text = told(words, target, capsys)
        if leaks(text, is_key_sent=named) or (words[0] == "show" and code != 2):
            faults.append(f"shucai {' '.join(words)}: {code}")

    assert faults == []
    for code, numbers in foreign.documents.items():  # the walk was not blind
        rows = f"API /api/v1/documents/{code}"
        assert {f"GET /d/{code}/", f"GET /d/{code}/{numbers[0]}", f"job {code}"} <= seen
        assert {rows, f"{rows}/{numbers[0]}", f"{rows}/{numbers[0]}/files"} <= seen
        assert {f"list {code} --json", f"show {code} {numbers[0]}"} <= seen
        assert f"export {code} {target}" in seen
    assert {f"GET /report/{code}/" for code in registry.all("summary")} <= seen
    assert {"GET /find?q=WAI", "GET /ledger/budget/unit_allotment/"} <= seen
    for shape in ("GET /r/{0}/", "POST /r/{0}/~/export", "API /api/v1/registers/{0}"):
        assert sum(shape.format(code) in seen for code in foreign.records) >= REGISTERS_SEEN
    assert sum(f"list {code} --json" in seen for code in foreign.records) >= REGISTERS_SEEN


def exported(client: Client, code: str) -> str:
    """What the export of the whole list puts into its file, made by the job that it queues."""
    client.post(f"/d/{code}/-/export", {"query": ""})
    run = JobRun.objects.filter(code="document.export").latest("pk")
    execute(run.pk, clock=timezone.now)
    run.refresh_from_db()
    assert run.state == "done", run.error
    with transaction.atomic():
        scope.apply(unpack(run.actor))
        kept = StoredFile.objects.get(pk=run.file_id)
    with zipfile.ZipFile(storage.path_of(kept.sha256)) as book:
        return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def test_the_matrix_shown_is_the_one_that_decides() -> None:
    shown = {thing.code: set(thing.duties) for thing in rights_matrix.things()}
    names = {"documents.act", "documents.batch", "documents.list", "documents.get"}
    names |= {"registers.rows", "registers.record", "registers.run", "questions.ask"}
    compared = set()

    for one in api_endpoints.matrix():
        if one.name in names:
            code = thing_of(one)
            assert shown[code] == set(one.duties), one.code
            compared.add(code)

    pages = {code for code in shown if code.startswith("/") and not code.startswith("/r/")}
    assert set(shown) - compared <= pages, "shown, but decided nowhere"


def thing_of(one: api_endpoints.Endpoint) -> str:
    """The code under which the matrix shows what the endpoint does."""
    parts = one.path.split("/")
    if one.document_type:
        return f"{one.document_type}:{one.action or 'read'}"
    if parts[1] == "questions":
        return f"/q/{parts[2]}"
    return f"{parts[2]}:{one.action}" if one.action else f"/r/{parts[2]}/"
