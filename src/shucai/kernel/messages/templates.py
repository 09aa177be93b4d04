"""消息模板 templates: how a notice reads in an e-mail or a webhook, by event, in words of the city.

A placeholder stands in braces: {标题}. There is nothing to compute in a template.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from shucai.base.errors import Finding
from shucai.kernel.configuration import reading
from shucai.kernel.configuration.declare import Content, Kind, Place
from shucai.kernel.configuration.fields import Field
from shucai.kernel.messages import errors, events

# fmt: off
PLACEHOLDERS: Final[Mapping[str, str]] = {
    "标题": "消息的标题",
    "内容": "消息的内容",
    "链接": "打开的地址",
    "级别": "提示、办结、注意、紧急",
    "姓名": "收件人的姓名",
    "时间": "消息发出的时间",
    "事项": "消息属于哪一类事项",
}
# fmt: on
SUBJECT: Final = "【{事项}】{标题}"
BODY: Final = (
    "{姓名}，您好：\n\n{标题}\n\n{内容}\n\n级别：{级别}\n时间：{时间}\n查看：{链接}\n\n"
    "本消息由系统自动发送，请勿回复。"
)
_HOLE: Final = re.compile(r"\{([^{}]*)\}")


def rendered(event: str, facts: Mapping[str, str]) -> tuple[str, str]:
    """Subject in one line, and text."""
    content = reading.current(KIND.code, event, division="", fiscal_year=0).content
    subject = _filled(str(content.get("subject") or SUBJECT), facts)
    return " ".join(subject.split())[:200], _filled(str(content.get("body") or BODY), facts)


def _filled(text: str, facts: Mapping[str, str]) -> str:
    """One pass: what a fact says is never read as a template again."""
    return _HOLE.sub(lambda hole: facts.get(hole[1].strip(), ""), text)


def _check(place: Place, content: Content) -> Sequence[Finding]:
    found = []
    for name, label in (("subject", "标题"), ("body", "正文")):
        text = str(content.get(name) or "")
        unknown = [said for said in _HOLE.findall(text) if said.strip() not in PLACEHOLDERS]
        known = "、".join(f"{{{one}}}" for one in PLACEHOLDERS)
        found += [
            errors.PLACEHOLDER.at(name, label=label, said=said[:30], known=known)
            for said in unknown
        ]
        rest = _HOLE.sub("", text)
        if "{" in rest or "}" in rest:
            found.append(errors.PLACEHOLDER.at(name, label=label, said="单个花括号", known=known))
        if "\n" in text and name == "subject":
            found.append(errors.PLACEHOLDER.at(name, label=label, said="换行", known=known))
    return found


def _fields(place: Place) -> Sequence[Field]:
    known = "、".join(f"{{{one}}} {said}" for one, said in PLACEHOLDERS.items())
    return (
        Field(name="subject", label="标题", size=120, required=True, help=f"占位：{known}"),
        Field(name="body", label="正文", kind="long", size=2000, required=True),
    )


def _standard(place: Place) -> Content:
    return {"subject": SUBJECT, "body": BODY}


KIND: Final = Kind(
    code="message_template",
    name="消息模板",
    keys=events.names,
    fields=_fields,
    standard=_standard,
    check=_check,
    by_division=False,
    by_year=False,
    covers=["PLAT-014"],
    icon="template",
    intro="邮件和外部推送的标题与正文，按消息事项",
    position=60,
)
