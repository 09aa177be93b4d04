"""布局的演示 layouts of the demo city: a list for its clerks, a form with help and a default."""

from collections.abc import Mapping
from typing import Any, Final

from shucai.kernel.configuration.declare import Place
from shucai.kernel.document import form_layout, layouts, list_layout

DIVISION: Final = "440600000"
TYPE: Final = "payment.application"
CLERKS: Final = "payment.preparer"
_LIST: Final = Place(list_layout.KIND.code, TYPE, DIVISION)
_FORM: Final = Place(form_layout.CODE, TYPE, DIVISION)
_COLUMNS: Final = ("number", "summary", "payee_name", "amount", "state", "business_date")
# fmt: off
_SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "settlement": {"default": "1"},
    "payee_name": {"help": "与合同、发票的抬头一致"},
}
# fmt: on


def contents() -> list[tuple[Place, Mapping[str, Any], str]]:
    """Place, content and note of each release."""
    kind = layouts.type_of(TYPE)
    plain = list_layout.standard_variant(kind)
    clerks = {**plain, "columns": [{"name": name} for name in _COLUMNS]}
    listed = {"type": TYPE, "variants": {layouts.EVERYBODY: plain, CLERKS: clerks}}
    form = form_layout.standard_variant(kind)
    sections = [
        {**part, "fields": [{**row, **_SAID.get(row["name"], {})} for row in part["fields"]]}
        for part in form["sections"]
    ]
    formed = {
        **form_layout.standard(_FORM),
        "variants": {layouts.EVERYBODY: {**form, "sections": sections}},
    }
    return [
        (_LIST, listed, "单位经办岗的列表去掉本单位名称，加上业务日期"),
        (_FORM, formed, "增加收款人名称的填写说明，结算方式默认电子转账"),
    ]
