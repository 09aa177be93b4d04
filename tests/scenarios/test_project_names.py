"""Project names: a rule published by two persons binds grants and offers templates."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.browser import town
from tests.scenarios.test_portal_configuration import decide, draft, rows, signed_in

from shucai.kernel.document import drafts, pipeline
from shucai.kernel.document.action import Action, Outcome
from shucai.kernel.document.declare import find_type

BASE = "/configuration/project_name/all"
RULE = {
    "f.least": "6",
    "f.most": "30",
    "f.repeat": "alike",
    "f.level": "forbid",
    "f.follow": "1",
    **rows(
        "parts",
        {"kind": "year"},
        {"kind": "fixed", "text": "年"},
        {"kind": "typed", "text": "业务内容", "low": "2", "high": "20"},
        {"kind": "choice", "text": "项目、经费"},
    ),
    **rows("forbidden", {"word": "其他", "why": "不明确"}),
    **rows("templates", {"name": "{年度}年校舍维修项目"}, {"name": "{单位简称}办公经费"}),
}


@pytest.fixture
def here(db: None) -> tuple[town.Town, dict[str, Client]]:
    built = town.build()
    return built, {name: signed_in(name) for name in ("sysadmin", "secadmin", "zhibiao", "auditor")}


def submitted(built: town.Town, *projects: str) -> Outcome:
    """A grant of one line a project, sent for review."""
    kind = find_type("allotment.grant")
    assert kind is not None
    now = timezone.now()
    line: dict[str, Any] = {
        "receiver": "105001", "function": "2050202", "gov_economy": "50201",
        "dep_economy": "30201", "fund_type": "11", "amount": "100.00",
    }  # fmt: skip
    actor, today = built.actors["zhibiao"], timezone.localdate(now)
    header = drafts.save(
        drafts.Draft(
            type=kind,
            actor=actor,
            now=now,
            today=today,
            fields={"doc_no": f"佛财预〔2026〕{len(projects)}号", "title": "追加", "source": "2"},
            lines=[{**line, "project": name} for name in projects],
        )
    )
    return pipeline.run(
        Action(
            type=kind.code, numbers=[header.address], name="submit", actor=actor, now=now,
            today=today,
        )
    )  # fmt: skip


@pytest.mark.function("PLAT-018")
def test_a_published_rule_binds_the_names_of_grants(
    here: tuple[town.Town, dict[str, Client]],
) -> None:
    built, clients = here
    before = submitted(built, "随便写")
    proposed = draft(clients["sysadmin"], BASE, **RULE)
    decide(clients["secadmin"], "publish")
    year = timezone.localdate().year
    good, bad = f"{year}年校舍维修项目", "其他支出"
    after = submitted(built, good, bad)
    fine = submitted(built, good, f"{year}年课桌采购经费", f"{year}年校园安保经费")
    told = after.results[0].findings

    assert before.ok
    assert proposed.status_code == 302, proposed.content.decode()
    assert not after.ok
    assert {one["code"] for one in told} == {"ALT-1204"}
    assert {one["at"] for one in told} == {"lines[2].project"}
    assert "有 4 个字，至少 6 个字" in "".join(one["why"] for one in told)
    assert f"其后应为“{year}”" in "".join(one["why"] for one in told)
    assert fine.ok, fine.results[0].findings


@pytest.mark.function("PLAT-018")
def test_a_name_that_merely_resembles_another_project_is_told(
    here: tuple[town.Town, dict[str, Client]],
) -> None:
    built, clients = here
    loose = {k: v for k, v in RULE.items() if k not in ("f.follow", "f.least")}
    draft(clients["sysadmin"], BASE, **loose, **{"f.least": "2"})
    decide(clients["secadmin"], "publish")
    same = submitted(built, "教材印刷")
    alike = submitted(built, "教材 印刷")

    assert same.ok, same.results[0].findings
    assert "只差空格、标点、大小写或全半角" in alike.results[0].findings[0]["why"]


@pytest.mark.function("PLAT-018")
def test_the_tester_and_the_picker_follow_the_rule(
    here: tuple[town.Town, dict[str, Client]],
) -> None:
    _, clients = here
    draft(clients["sysadmin"], BASE, **RULE)
    decide(clients["secadmin"], "publish")
    year = timezone.localdate().year
    ask = "/q/platform.project_name?unit=105001"
    made = clients["zhibiao"].get(f"{ask}&words=校舍维修；经费").content.decode()
    short = clients["zhibiao"].get(f"{ask}&words=校").content.decode()
    judged = clients["auditor"].get(f"{ask}&name=其他支出").content.decode()
    offered = clients["zhibiao"].get("/d/allotment.grant/-/pick/line/project").content.decode()
    page = clients["zhibiao"].get("/d/allotment.grant/new").content.decode()
    wrong = draft(clients["sysadmin"], BASE, **{**RULE, "f.least": "40"})

    assert f"可以使用：{year}年校舍维修经费" in made
    assert "MAS-8007" in short
    assert "MAS-8003" in judged
    assert f"{year}年校舍维修项目" in offered
    assert "单位简称" not in offered
    assert "-/pick/line/project" in page
    assert wrong.status_code == 422
    assert "MAS-8011" in wrong.content.decode()
