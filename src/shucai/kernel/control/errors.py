"""控制规则的拒绝 the refusal behind every configured rule."""

from shucai.base.errors import Problem

CONFIGURED = Problem(
    code="CTL-1001",
    what="未通过规则“{rule}”（{code}）",
    why="{message}",
    fix="{fix}",
)
