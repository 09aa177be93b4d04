"""菜单 menu of the domain."""

from shucai.kit import pages

MENU = pages.Menu(
    code="allotment",
    tab="业务办理",
    group="预算指标",
    position=200,
    items=[
        pages.document_item("allotment.grant", "指标下达", icon="scale", covers=["PLAT-054"]),
        pages.MenuItem(
            code="allotment.balances",
            name="指标余额",
            page="/ledger/budget/unit_allotment/",
            icon="wallet",
            covers=["PLAT-054"],
        ),
    ],
)

FIGURES = pages.LedgerFigures(
    code="allotment.unit_allotment",
    book="budget",
    kind="unit_allotment",
    page="/ledger/budget/unit_allotment/",
    position=10,
    names={
        "granted": "本年预算指标",
        "spent": "累计支付",
        "available": "可用余额",
        "held": "在途冻结",
    },
)
