"""菜单 menu of the domain."""

from shucai.kit import pages

MENU = pages.Menu(
    code="payment",
    tab="业务办理",
    group="集中支付",
    position=300,
    items=[
        pages.document_item(
            "payment.application", "支付申请", icon="file-text", covers=["PLAT-062", "PLAT-063"]
        ),
        pages.MenuItem(
            code="payment.paid_by_unit",
            name="支付进度表",
            page="/report/payment.paid_by_unit/",
            icon="chart-bar",
        ),
    ],
)
