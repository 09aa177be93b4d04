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
