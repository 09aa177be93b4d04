"""录入项 fields of a command form: from the declared inputs, the record and what was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils import timezone

from shucai.kernel.files.keeping import Upload
from shucai.kernel.identity.actor import Actor
from shucai.kernel.pages import register_inputs
from shucai.kernel.pages.register import Command, Input

RADIOS_MAX: Final = 4
RADIOS_LENGTH: Final = 24
WIDE: Final = ("long", "json", "formula", "choices", "file")


@dataclass(frozen=True, slots=True)
class Field:
    """One input ready to be shown. `kind` chooses the control."""

    name: str
    label: str
    kind: str
    value: Any
    is_required: bool
    help: str
    limit: int
    options: Sequence[tuple[str, str]]
    pick: str
    accept: str
    findings: Sequence[str]

    @property
    def is_wide(self) -> bool:
        return self.kind in WIDE


def typed(command: Command, sent: QueryDict, files: Mapping[str, Any]) -> dict[str, Any]:
    """What a form says, input by input, as it was typed."""
    found: dict[str, Any] = {}
    for one in command.inputs:
        if one.entry == "file":
            given = files.get(one.name)
            if isinstance(given, UploadedFile):
                found[one.name] = Upload(given.name or "", given.file)  # type: ignore[arg-type]
        elif one.entry == "choices":
            found[one.name] = [said for said in sent.getlist(one.name) if said]
        elif one.entry == "flag":
            found[one.name] = sent.get(one.name, "") == "1"
        else:
            found[one.name] = sent.get(one.name, "")
    return found


def fields(
    command: Command,
    *,
    actor: Actor,
    record: Any,
    base: str,
    said: Mapping[str, Any] | None = None,
    findings: Sequence[Mapping[str, Any]] = (),
) -> list[Field]:
    """Typed values come before initial ones, so that nothing a person wrote is lost."""
    return [
        _field(
            one,
            offered=register_inputs.options(one, actor, record),
            value=_shown(one, record, said),
            base=base,
            told=[f"{told['what']}：{told['why']}" for told in findings if told["at"] == one.name],
        )
        for one in command.inputs
    ]


def _shown(one: Input, record: Any, said: Mapping[str, Any] | None) -> Any:
    if one.entry in ("secret", "file"):
        return ""
    if said is not None:
        return said.get(one.name, "")
    return _spelled(register_inputs.initial(one, record))


def _field(
    one: Input, *, offered: Sequence[tuple[str, str]], value: Any, base: str, told: Sequence[str]
) -> Field:
    kind: str = one.entry
    length = sum(len(text) for _, text in offered)
    if kind == "choice" and 0 < len(offered) <= RADIOS_MAX and length <= RADIOS_LENGTH:
        kind = "radios"
    return Field(
        name=one.name,
        label=one.label,
        kind=kind,
        value=value,
        is_required=one.is_required and one.entry != "flag",
        help=one.help,
        limit=register_inputs.limit_of(one),
        options=offered,
        pick=f"{base}/~/pick/{one.name}" if one.entry in ("unit", "value", "user") else "",
        accept=_accept(one) if one.entry == "file" else "",
        findings=told,
    )


def _accept(one: Input) -> str:
    """Extensions the file dialog offers, where the declaration names some."""
    words = one.of.replace(",", " ").split()
    return ",".join(f".{word}" for word in words if word.isalnum() and len(word) <= 5)


def _spelled(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool | list | tuple):
        return value
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
