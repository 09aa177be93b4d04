"""证明 proofs: the ledger from its entries, the audit trail from its rows, functions from tests."""

import json
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shucai.edge.cli import errors, functions, output
from shucai.kernel.audit import sealing
from shucai.kernel.ledger import proof


def ledger_check(given: Namespace) -> int:
    """`shucai ledger check`: 1 on any difference."""
    report = proof.check()
    if given.json:
        output.say_json(report.as_dict())
        return output.GOOD if report.ok else output.FAILED
    for total in report.totals:
        output.say(
            f"{total.fiscal_year} {total.book}/{total.kind} 账户 {total.accounts} 个、"
            f"分录 {total.entries} 笔，已下达 {total.granted:,.2f}，冻结 {total.held:,.2f}，"
            f"已用 {total.spent:,.2f}"
        )
    for notice in report.notices:
        output.say(notice)
    for fault in report.faults[: proof.FAULTS_MAX]:
        output.complain(fault.text)
    output.say("台账与分录一致" if report.ok else f"发现 {len(report.faults)} 处不符")
    return output.GOOD if report.ok else output.FAILED


def audit_verify(given: Namespace) -> int:
    """`shucai audit verify [--head FILE]`: 1 when a row or a link does not hold."""
    found = sealing.prove(deposited=_deposited(given.head) if given.head else None)
    if given.json:
        output.say_json({**asdict(found), "ok": found.ok})
        return output.GOOD if found.ok else output.FAILED
    output.say(f"审计记录 {found.rows} 条，封存 {found.seals} 次，待封存 {found.unsealed} 条")
    output.say(f"链值 {found.head}")
    for fault in found.faults:
        output.complain(fault)
    output.say("审计链完好" if found.ok else f"发现 {len(found.faults)} 处问题")
    return output.GOOD if found.ok else output.FAILED


def audit_head(given: Namespace) -> int:
    """`shucai audit head`: the newest link, to be kept by another party."""
    output.say(json.dumps(sealing.head(), ensure_ascii=False))
    return output.GOOD


def _deposited(path: str) -> dict[str, Any]:
    try:
        said = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as failure:
        raise errors.NO_FILE.refuse("--head", path=path, reason=failure.strerror or "") from None
    except ValueError:
        raise errors.BAD_HEAD.refuse("--head", path=path, reason="内容不是 JSON") from None
    if not isinstance(said, dict) or not isinstance(said.get("seal"), int) or "head" not in said:
        raise errors.BAD_HEAD.refuse("--head", path=path, reason="缺少 seal 或 head")
    return said


def list_functions(given: Namespace) -> int:
    """`shucai functions`: every function, its page, its tests, whether they prove it."""
    rows = functions.report()
    if given.json:
        output.say_json(rows)
        return output.GOOD
    shown = [
        {
            "编号": row["id"],
            "功能": row["name"],
            "页面": row["page"],
            "测试": len(row["tests"]),
            "已证明": "是" if row["proven"] else "",
        }
        for row in rows
    ]
    output.table(["编号", "功能", "页面", "测试", "已证明"], shown)
    proven = sum(row["proven"] for row in rows)
    output.say(
        f"共 {len(rows)} 项，有页面 {sum(bool(row['page']) for row in rows)} 项，已证明 {proven} 项"
    )
    return output.GOOD
