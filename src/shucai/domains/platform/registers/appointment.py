"""任职 appointment: a user in a position, over units, a business office and funds, for a time."""

from typing import Any

from shucai.domains.platform import terms
from shucai.kit import identity, pages, rights

ADMIN = identity.SYSTEM_ADMIN


def _change(call: pages.Call) -> pages.Done:
    values = call.values
    payload = {
        "appointment_id": call.record.pk,
        **rights.place(values["unit"], call.actor),
        "office": values.get("office") or "",
        "fund_types": values.get("fund_types") or "",
        "valid_from": terms.day(values.get("valid_from")) or call.record.valid_from.isoformat(),
        "valid_to": terms.day(values.get("valid_to")),
        "is_default": call.record.is_default,
    }
    return terms.propose(call, "appointment.change", payload)


def _end(call: pages.Call) -> pages.Done:
    return terms.propose(call, "appointment.end", {"appointment_id": call.record.pk})


def _duties(one: Any) -> str:
    return terms.names(sorted(one.held))


APPOINTMENT = pages.Register(
    code="platform.appointment",
    name="任职",
    model=identity.Appointment,
    icon="id-badge",
    intro="谁在哪个岗位、对哪些单位、科室和资金性质办理业务；受托而来的任职注明代谁办理",
    readers=identity.OFFICERS,
    rows=identity.directory.appointments,
    order="-pk",
    search="user__name user__username position__name unit_name unit_code",
    trail=lambda one: [("identity.appointment", str(one.pk))],
    covers=["PLAT-008", "PLAT-009"],
    filters=[
        pages.Filter(field="is_enabled", entry="flag"),
        pages.Filter(field="position__code", label="岗位编码", entry="text"),
        pages.Filter(field="unit_code", entry="text", lookup="startswith"),
        pages.Filter(field="valid_from", entry="date"),
    ],
    columns=[
        pages.Column(field="user__name", label="用户", link="/r/platform.user/{user_id}"),
        pages.Column(field="position__name", label="岗位"),
        pages.Column(field="principal_name"),
        pages.Column(field="unit_name"),
        pages.Column(field="scope_path", look="code"),
        pages.Column(field="office"),
        pages.Column(field="fund_types", look="list"),
        pages.Column(field="valid_from"),
        pages.Column(field="valid_to"),
        pages.Column(field="is_enabled"),
        pages.Column(field="is_default", is_shown=False),
    ],
    facts={
        "任职": [
            pages.Column(field="user__name", label="用户", link="/r/platform.user/{user_id}"),
            pages.Column(field="position__name", label="岗位"),
            pages.Column(field="duty_names", label="职责", value=_duties),
            pages.Column(field="principal_name"),
            pages.Column(field="valid_from"),
            pages.Column(field="valid_to"),
            pages.Column(field="is_enabled"),
            pages.Column(field="is_default"),
        ],
        "数据范围": [
            pages.Column(field="unit_name"),
            pages.Column(field="unit_code", look="code"),
            pages.Column(field="scope_path", look="code"),
            pages.Column(field="division", look="code"),
            pages.Column(field="office"),
            pages.Column(field="fund_types", look="list"),
        ],
    },
    commands=[
        pages.Command(
            code="change",
            label="调整范围",
            by=[ADMIN],
            run=_change,
            when=lambda one: one.is_enabled and one.principal_id is None,
            inputs=[
                pages.Input(
                    name="unit", label="单位", entry="unit", initial=lambda one: one.scope_path
                ),
                pages.Input(
                    name="office",
                    label="业务科室",
                    is_required=False,
                    initial=lambda one: one.office,
                ),
                pages.Input(
                    name="fund_types",
                    label="资金性质",
                    is_required=False,
                    help="资金性质代码，多个用空格分开，含下级；不填为全部",
                    initial=lambda one: " ".join(one.fund_types),
                ),
                pages.Input(
                    name="valid_from",
                    label="起",
                    entry="date",
                    initial=lambda one: one.valid_from,
                ),
                pages.Input(
                    name="valid_to",
                    label="止（不含）",
                    entry="date",
                    is_required=False,
                    initial=lambda one: one.valid_to,
                ),
                terms.reason(),
            ],
        ),
        pages.Command(
            code="end",
            label="免去",
            by=[ADMIN],
            run=_end,
            when=lambda one: one.is_enabled,
            is_grave=True,
            icon="user-minus",
            inputs=[terms.reason()],
        ),
    ],
)
