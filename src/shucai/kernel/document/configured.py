"""配置种类 the kinds of configuration of the document room: approval routes, settings of types."""

from shucai.kernel.configuration.declare import Kind
from shucai.kernel.document import routing, routing_checks, type_settings

ROUTE = Kind(
    code="route",
    name="审批路线",
    keys=routing.keys,
    lines=routing.lines,
    standard=routing.standard,
    check=routing_checks.check,
    warn=routing_checks.staffing,
    editor_page="/configuration/route/{key}/edit?division={division}&fiscal_year={fiscal_year}",
    shows_releases=True,
    covers=["PLAT-016"],
    icon="route",
    intro="每种单据每个审核环节的节点、职责、条件、金额和时限，先画图试走再发布",
    position=30,
)
DOCUMENT_TYPE = Kind(
    code=type_settings.KIND,
    name="单据类型设置",
    keys=type_settings.keys,
    fields=type_settings.fields,
    standard=type_settings.standard,
    check=type_settings.check,
    covers=["PLAT-007"],
    icon="files",
    intro="每种单据的单号规则和必须上传的附件，按区划和年度设置",
    position=20,
)
