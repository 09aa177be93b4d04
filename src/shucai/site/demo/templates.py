"""模板的演示 templates of the demo city: a voucher paper for payments, a rule for project names."""

from collections.abc import Mapping
from typing import Any, Final

from shucai.kernel.configuration.declare import Place
from shucai.kernel.pages import print_template

VOUCHER: Final = Place(print_template.CODE, "payment.application:1")
NAMES: Final = Place("project_name", "all")
_COUNTED: Final = "共 {明细行数} 笔，{IF(金额 >= 500000, “大额支付”, “一般支付”)}"
# fmt: off
_VOUCHER: Final[Mapping[str, Any]] = {
    "name": "支付凭证（A5 横向）",
    "title": "财政资金支付凭证",
    "paper": "a5",
    "orientation": "wide",
    "margin_top": 12, "margin_right": 12, "margin_bottom": 14, "margin_left": 12,
    "font_size": 8,
    "pairs": 2,
    "signing": "fixed",
    "signing_columns": 4,
    "blocks": [{"block": word} for word in ("head", "lines", "signatures", "barcode")],
    "columns": [
        {"field": "allotment", "label": "预算指标"},
        {"field": "purpose", "label": "用途摘要", "width": 55},
        {"field": "amount", "width": 30},
    ],
    "signers": [
        {"label": "单位经办", "step": "录入"}, {"label": "单位审核", "step": "审核"},
        {"label": "国库支付", "step": "支付"}, {"label": "银行经办"},
    ],
    "remarks": [
        {"place": "middle", "text": _COUNTED},
        {"place": "end", "text": "由 {打印单位} 打印，第 {版次} 版", "size": 7, "align": "right"},
    ],
}
_NAMES: Final[Mapping[str, Any]] = {
    "least": 2, "most": 60,
    "repeat": "alike",
    "level": "forbid",
    "forbidden": [
        {"word": "其他支出", "why": "不说明项目的内容"}, {"word": "待定", "why": "项目应已确定"},
    ],
    "templates": [
        {"name": "{年度}年校舍维修改造项目", "note": "学校基本建设"},
        {"name": "{年度}年信息化运行维护经费", "note": "信息系统"},
        {"name": "{年度}年会议培训经费", "note": "会议和培训"},
    ],
}
# fmt: on


def contents() -> list[tuple[Place, Mapping[str, Any], str]]:
    """Place, content and note of each release."""
    voucher = {**print_template.standard(VOUCHER), **_VOUCHER}
    return [
        (VOUCHER, voucher, "增加支付凭证样式，供 A5 横向纸使用"),
        (NAMES, _NAMES, "规范项目名称，禁用含义不明的词"),
    ]
