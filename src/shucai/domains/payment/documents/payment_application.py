"""支付申请 payment application: a budget unit asks the treasury to pay a payee.

Each line draws on one unit allotment (单位指标). Submitting holds the money, paying settles the
hold, returning, recalling or cancelling releases it, reversing gives back what was paid.
Nothing here edits a balance.
"""

from collections.abc import Iterator, Sequence

from django.db import models

from shucai.base.errors import Finding
from shucai.domains.payment import errors
from shucai.domains.payment.terms import PaymentMethod, Settlement
from shucai.kit import control, document, ledger, pages, report


class State(document.State):
    DRAFT = "draft", "草稿"
    REVIEWING = "reviewing", "待审核"
    APPROVED = "approved", "待支付"
    PAID = "paid", "已支付"
    CANCELLED = "cancelled", "已作废"
    REVERSED = "reversed", "已红冲"


class PaymentApplication(document.Document):
    method = models.CharField("支付方式", max_length=20, choices=PaymentMethod)
    settlement = models.CharField("结算方式", max_length=20, choices=Settlement)
    payee_name = models.CharField("收款人名称", max_length=120)
    payee_account = models.CharField("收款人账号", max_length=40)
    payee_bank = models.CharField("收款人开户银行", max_length=120)


class PaymentApplicationLine(document.Line):  # seq and amount (> 0) come with every line
    parent = document.parent(PaymentApplication)
    allotment = ledger.account("指标", book="budget", kind="unit_allotment")
    purpose = models.CharField("用途", max_length=200)


@control.rule(errors.FOREIGN_ALLOTMENT, on="submit")
def draws_on_own_allotment(
    doc: PaymentApplication, lines: Sequence[PaymentApplicationLine]
) -> Iterator[Finding]:
    """A unit spends only what was allotted to it."""
    for line in lines:
        if line.allotment.unit_id != doc.header.unit_id:
            yield errors.FOREIGN_ALLOTMENT.at(
                f"lines[{line.seq}].allotment",
                seq=line.seq,
                allotment=line.allotment.number,
                owner=line.allotment.unit.name,
                unit=doc.unit.name,
            )


@control.rule(errors.PAYEE_ACCOUNT, on="submit")
def pays_to_a_plausible_account(
    doc: PaymentApplication, lines: Sequence[PaymentApplicationLine]
) -> Iterator[Finding]:
    """Bank account numbers are digits, at most one dash group, 8 to 32 long."""
    plain = doc.payee_account.replace("-", "").replace(" ", "")
    if not (plain.isascii() and plain.isdigit()):
        yield errors.PAYEE_ACCOUNT.at(
            "payee_account", account=doc.payee_account, reason="含有数字以外的字符"
        )
    elif not 8 <= len(plain) <= 32:
        yield errors.PAYEE_ACCOUNT.at(
            "payee_account", account=doc.payee_account, reason=f"共 {len(plain)} 位"
        )


# fmt: off
FLOW = [
    #             action     label   from             to
    document.Move("submit",  "送审", State.DRAFT,     State.REVIEWING, by="payment.preparer"),
    document.Move("approve", "审核", State.REVIEWING, State.APPROVED,  by="payment.reviewer"),
    document.Move("return",  "退回", State.REVIEWING, State.DRAFT,     by="payment.reviewer"),
    document.Move("recall",  "撤回", State.REVIEWING, State.DRAFT,     by="payment.preparer"),
    document.Move("pay",     "支付", State.APPROVED,  State.PAID,      by="payment.treasurer"),
    document.Move("cancel",  "作废", State.APPROVED,  State.CANCELLED, by="payment.treasurer"),
    document.Move("reverse", "红冲", State.PAID,      State.REVERSED,  by="payment.treasurer"),
]
# fmt: on

# A cancelled or reversed payment is applied for again with what it said.
SAME = {
    name: name for name in ["method", "settlement", "payee_name", "payee_account", "payee_bank"]
}
SAME_LINES = {name: name for name in ["allotment", "purpose", "amount"]}

PAYMENT_APPLICATION = document.DocumentType(
    code="payment.application",
    name="支付申请",
    covers=["PLAT-062", "PLAT-063"],
    model=PaymentApplication,
    line=PaymentApplicationLine,
    number="ZF{year}-{region}{unit}-{seq:06}",
    flow=FLOW,
    final=[State.PAID, State.CANCELLED, State.REVERSED],
    void=[State.CANCELLED, State.REVERSED],
    takes=[
        document.HandOver(
            source="payment.application", when=when, label="重新申请", fields=SAME, lines=SAME_LINES
        )
        for when in (State.CANCELLED, State.REVERSED)
    ],
    separate=["submit", "approve", "pay"],  # 不相容岗位: no one does two of these on one document
    needs_reason=["return", "cancel", "reverse"],
    rules=[draws_on_own_allotment, pays_to_a_plausible_account],
    posts={
        "submit": ledger.hold("allotment", refuse=errors.ALLOTMENT_SHORT),
        "return": ledger.release("submit"),
        "recall": ledger.release("submit"),
        "pay": ledger.settle("submit"),
        "cancel": ledger.release("submit"),
        "reverse": ledger.reverse("pay"),
    },
    summary="purpose",
    page=pages.DocumentPage(
        sections={
            "支付信息": "method settlement",
            "收款信息": "payee_name payee_account payee_bank",
            "用款明细": "lines",
        },
        columns="number unit summary payee_name method amount state updated_at",
        filters="unit state method",
        line_columns="allotment purpose amount",
        icon="file-text",
        empty="这里列出本单位的支付申请。选择有余额的指标，填写收款人后送审。",
        phrases=("同意支付", "情况属实，同意支付", "请补充合同或发票"),
        print_title="财政资金支付申请书",
    ),
)

PAID_BY_UNIT = report.Summary(
    code="payment.paid_by_unit",
    name="支付进度表",
    of=PAYMENT_APPLICATION,
    where={"state": State.PAID},
    by="unit method",
    measures={"笔数": "count()", "已支付": "sum(amount)"},
)
