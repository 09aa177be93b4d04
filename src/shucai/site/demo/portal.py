"""门户的演示 the portal of the demo city: proposed by one officer, published by another."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from shucai.kernel.configuration import drafts, releases
from shucai.kernel.configuration.declare import Place
from shucai.kernel.identity.actor import Actor
from shucai.site.demo import layouts, templates

EDITOR, PUBLISHER = "xitong", "anquan"
# fmt: off
PORTAL: Final[Mapping[str, Any]] = {
    "system_name": "佛山市预算一体化",
    "blocks": [{"block": word} for word in
               ("figures", "todo", "notices", "reading", "shortcuts", "links", "charts")],
    "shortcuts": [{"item": code} for code in
                  ("payment.application", "allotment.grant", "platform.configuration_releases")],
    "links": [
        {"name": "财政部", "address": "https://www.mof.gov.cn/"},
        {"name": "广东省财政厅", "address": "https://czt.gd.gov.cn/"},
        {"name": "佛山市财政局", "address": "https://www.foshan.gov.cn/fscz/"},
    ],
}
MENU: Final[Mapping[str, Any]] = {
    "groups": [{"group": "系统管理/审计与运行", "label": "审计与运行监控"}],
    "links": [{"tab": "系统管理", "name": "等级保护要求", "address": "https://www.djbh.net/"}],
}
# fmt: on


def publish(actors: Mapping[str, Actor], *, now: datetime) -> None:
    """Portal, menu, a paper, a naming rule and layouts, the way officers would do it."""
    for place, content, note in (
        (Place("portal", "all"), PORTAL, "启用本市名称、快捷功能和常用链接"),
        (Place("menu", "main"), MENU, "增加等级保护链接"),
        *templates.contents(),
        *layouts.contents(),
    ):
        draft = drafts.save(actor=actors[EDITOR], place=place, content=content, version=0, now=now)
        release = releases.propose(
            actor=actors[EDITOR], place=place, note=note, version=draft.version, now=now
        )
        releases.publish(actor=actors[PUBLISHER], release_id=release.pk, opinion="同意", now=now)
