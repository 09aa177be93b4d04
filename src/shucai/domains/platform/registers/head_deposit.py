"""链值寄存 head deposit: the chain proved with one click, its head given away and compared."""

from typing import Any

from shucai.kit import configuration, identity, logs, pages

TONES = {"done": "done", "failed": "bad"}
DEPOSIT_ADDRESS = configuration.parameter(
    code="logs.deposit_address",
    name="链值接收地址",
    default="",
    kind="text",
    help="审计部门或上级财政接收审计链值的网址，以 https:// 开头；不填则不报送",
)


def _prove(call: pages.Call) -> pages.Done:
    run = logs.prove(actor=call.actor, now=call.now)
    return pages.Done("已开始验证全部审计记录，结果见任务页", to=f"/tasks/{run.pk}")


def _compare(call: pages.Call) -> pages.Done:
    run = logs.compare(content=call.values["file"].content, actor=call.actor, now=call.now)
    return pages.Done("已开始核对，结果见任务页", to=f"/tasks/{run.pk}")


def _deposit(call: pages.Call) -> pages.Done:
    made = logs.deposit(address=DEPOSIT_ADDRESS.value(), actor=call.actor, now=call.now)
    if made.result != "done":
        return pages.Done(f"没有送达：{made.receipt}")
    return pages.Done(f"已寄存，回执：{made.receipt}", to=f"/r/platform.head_deposit/{made.pk}")


def _rows(actor: Any) -> Any:
    return logs.deposits()


HEAD_DEPOSIT = pages.Register(
    code="platform.head_deposit",
    name="审计链验证与寄存",
    model=logs.HeadDeposit,
    icon="shield-check",
    covers=["OPS-029"],
    intro="链值交由另一方保管后，此前的审计记录即使由数据库所有者改动也能查出；每夜 04:00 自动报送",
    empty="还没有寄存过。可以下载链值文件，或设置接收地址后报送。",
    readers=[identity.AUDITOR, identity.SYSTEM_ADMIN],
    rows=_rows,
    order="-pk",
    search="head receipt",
    title=lambda row: f"封存 {row.seal}",
    trail=lambda row: [("audit", str(row.seal))],
    filters=[
        pages.Filter(field="way"),
        pages.Filter(field="result"),
        pages.Filter(field="at", entry="instant"),
    ],
    columns=[
        pages.Column(field="at"),
        pages.Column(field="seal"),
        pages.Column(field="head", look="code"),
        pages.Column(field="algorithm"),
        pages.Column(field="way"),
        pages.Column(field="result", tones=TONES),
        pages.Column(field="receipt"),
        pages.Column(field="actor_name"),
        pages.Column(field="address", is_shown=False),
    ],
    commands=[
        pages.Command(
            code="prove",
            label="验证审计链",
            by=[identity.AUDITOR, identity.SYSTEM_ADMIN],
            run=_prove,
            target="none",
            icon="shield-check",
        ),
        pages.Command(
            code="compare",
            label="与寄存的链值核对",
            by=[identity.AUDITOR],
            run=_compare,
            target="none",
            icon="file-search",
            inputs=[
                pages.Input(
                    name="file",
                    label="链值文件",
                    entry="file",
                    limit=100_000,
                    help="从本系统下载或由接收方保存的文件",
                )
            ],
        ),
        pages.Command(
            code="deposit",
            label="立即报送",
            by=[identity.SYSTEM_ADMIN],
            run=_deposit,
            target="none",
            icon="send",
            confirm="把最新链值报送到系统参数规定的接收地址。",
        ),
    ],
)
