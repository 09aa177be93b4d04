"""夜间任务 nightly work of the lower rooms: the audit chain is proved, duties are scanned."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shucai.kernel.audit import deposits, sealing
from shucai.kernel.identity import findings, login
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.duties import AUDITOR, SECURITY_ADMIN
from shucai.kernel.jobs import queue, sweeping
from shucai.kernel.jobs.declare import task
from shucai.kernel.jobs.models import JobRun
from shucai.kernel.jobs.work import Work

FAULTS_TOLD = 20


@task(code="audit.prove", name="审计链验证", every="40 2 * * *", alert=AUDITOR, lock="audit.prove")
def prove_audit(work: Work) -> Mapping[str, Any]:
    """Every audit row and every link is recomputed; a difference is told to the auditor."""
    proof = sealing.prove()
    if not proof.ok:
        work.alarm(f"审计链验证发现 {len(proof.faults)} 处不符：{proof.faults[0]}")
    return {
        "rows": proof.rows,
        "seals": proof.seals,
        "unsealed": proof.unsealed,
        "head": proof.head,
        "faults": list(proof.faults[:FAULTS_TOLD]),
    }


@task(code="audit.compare", name="与寄存的链值核对", alert=AUDITOR, lock="audit.prove")
def compare_audit(work: Work) -> Mapping[str, Any]:
    """The whole chain is recomputed and compared with a head that another party kept."""
    deposited: dict[str, str | int] = {
        "seal": int(work.args["seal"]),
        "head": str(work.args["head"]),
    }
    proof = sealing.prove(deposited=deposited)
    if not proof.ok:
        work.alarm(f"与寄存的链值核对发现 {len(proof.faults)} 处不符：{proof.faults[0]}")
    return {
        "结论": "与寄存的链值一致" if proof.ok else "与寄存的链值不符",
        "封存序号": deposited["seal"],
        "记录数": proof.rows,
        "不符": list(proof.faults[:FAULTS_TOLD]),
    }


def prove(*, actor: Actor, now: datetime) -> JobRun:
    """The proof of the night, now."""
    return queue.start(code="audit.prove", actor=actor, now=now)


def compare(*, content: bytes, actor: Actor, now: datetime) -> JobRun:
    """Against the head in a file. Raises Refused when the file is none."""
    head = deposits.read(content)
    return queue.start(code="audit.compare", actor=actor, now=now, args=head)


@task(code="identity.separation", name="权限检查", every="0 3 * * *", alert=SECURITY_ADMIN)
def scan_duties(work: Work) -> Mapping[str, Any]:
    """Excluding duties in one hand, sleeping users, late leavers: kept, and told to the officer."""
    found = findings.scan(now=work.now)
    collisions = [f for f in found if f.kind == "collision"]
    if collisions:
        first = collisions[0]
        work.alarm(f"发现 {len(collisions)} 处不相容职责：{first.who} {first.detail}")
    return {
        "collisions": len(collisions),
        "findings": len(found),
        "first": [f"{f.who}：{f.detail}" for f in collisions[:FAULTS_TOLD]],
    }


@task(code="identity.sweep", name="清理过期会话", every="*/30 * * * *", lock="identity.sweep")
def sweep_sessions(work: Work) -> Mapping[str, Any]:
    """Sessions that have run out are ended, so that the list of sessions tells the truth."""
    return {"ended": login.sweep(now=work.now)}


@task(code="jobs.purge", name="清理过期任务与消息", every="20 3 * * *", lock="jobs.purge")
def purge(work: Work) -> Mapping[str, Any]:
    """Finished runs, places in the queue and delivered messages go after their time."""
    return sweeping.purge(now=work.now)
