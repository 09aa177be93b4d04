"""配置规则的执行 running configured rules: formulas over the facts of a document."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from shucai.base import formula
from shucai.base.errors import Finding
from shucai.kernel.control import errors
from shucai.kernel.control.models import AllowlistEntry, ConfiguredRule


class Configured:
    """The active rules of one document type at one move, and the exceptions from them."""

    def __init__(self, document_type: str, action: str) -> None:
        self._rules = list(
            ConfiguredRule.objects.filter(
                document_type=document_type, action=action, is_active=True
            ).order_by("code")
        )
        codes = [rule.code for rule in self._rules]
        self._exceptions = list(AllowlistEntry.objects.filter(rule_code__in=codes)) if codes else []

    @property
    def is_empty(self) -> bool:
        return not self._rules

    def findings(self, header: Any, facts: Mapping[str, Any], today: date) -> list[Finding]:
        """One finding for each rule whose formula does not hold."""
        found = []
        for rule in self._rules:
            if rule.fiscal_year != header.fiscal_year:
                continue
            if rule.division not in ("", header.division) or self._is_allowed(rule, header, today):
                continue
            if not formula.holds(rule.formula, facts):
                found.append(
                    errors.CONFIGURED.at(
                        level=rule.level,  # type: ignore[arg-type]  # a CharField with choices
                        rule=rule.name,
                        message=rule.message,
                        fix=rule.fix,
                        code=rule.code,
                    )
                )
        return found

    def _is_allowed(self, rule: ConfiguredRule, header: Any, today: date) -> bool:
        return any(
            entry.rule_code == rule.code
            and entry.valid_from <= today < entry.valid_to
            and (header.unit_path + "/").startswith(entry.unit_path + "/")
            for entry in self._exceptions
        )
