"""三员页 officers: people, positions, changes of rights, sessions; one proposes, one decides."""

from typing import Any, Final

from django.http import HttpResponse

from shucai.base.errors import Refused
from shucai.edge.web import answers, bare, clock, frame
from shucai.edge.web.endpoints import duty, endpoint, scoped
from shucai.edge.web.errors import UNKNOWN_CHOICE
from shucai.edge.web.request import WebRequest, is_fragment
from shucai.kernel.identity import (
    certificates,
    changes,
    crypto,
    errors,
    factors,
    officers,
    profiles,
    rights,
    security,
)
from shucai.kernel.identity.credential_changes import DERIVED
from shucai.kernel.identity.credentials import UserCertificate
from shucai.kernel.identity.duties import AUDITOR, SECURITY_ADMIN, SYSTEM_ADMIN
from shucai.kernel.identity.models import Appointment, Position, RightsChange, SecurityPolicy, User

WATCH: Final = duty(SYSTEM_ADMIN, SECURITY_ADMIN, AUDITOR)
LOOKS: Final = {"proposed": "going", "approved": "done", "rejected": "bad", "withdrawn": "draft"}
HIDDEN: Final = ("user_id", "appointment_id", "certificate_id")
CHOICES: Final = {
    "excess": SecurityPolicy.EXCESS,
    "profile": SecurityPolicy.PROFILES,
    "two_factors": SecurityPolicy.TWO_FACTORS,
}


@endpoint("users/", name="users", access=WATCH)
def users(request: WebRequest) -> HttpResponse:
    said = request.GET.get("q", "").strip()
    found = officers.users(actor=request.actor, text=said, after=_number(request.GET.get("after")))
    context = {
        "title": "用户管理",
        "text": said,
        "rows": found.rows,
        "next": found.next,
        "may_propose": request.actor.can(SYSTEM_ADMIN),
        "now": clock.now(),
    }
    if is_fragment(request):
        return bare.page(request, "web/officers/_users.html", context)
    return frame.page(request, "web/officers/users.html", context)


@endpoint("users/<int:pk>", name="user", access=WATCH)
def user(request: WebRequest, pk: int) -> HttpResponse:
    found, appointments = officers.user(actor=request.actor, user_id=pk)
    context = {
        "title": f"用户 {found.name}",
        "user": found,
        "appointments": appointments,
        "duty_names": {d.code: d.name for d in officers.duties()},
        "may_propose": request.actor.can(SYSTEM_ADMIN),
        "now": clock.now(),
        "factor": factors.of_user(pk),
        "certificates": UserCertificate.objects.filter(user_id=pk).order_by("-pk")[:20],
        "algorithms": crypto.ALGORITHMS,
    }
    return frame.page(request, "web/officers/user.html", context)


@endpoint("users/<int:pk>/unlock", name="user-unlock", access=duty(SYSTEM_ADMIN), methods=("POST",))
def unlock(request: WebRequest, pk: int) -> HttpResponse:
    with scoped(request.actor):
        officers.unlock(actor=request.actor, user_id=pk, now=clock.now())
    frame.flash(request, "已解除锁定")
    return answers.to(request, f"/users/{pk}")


@endpoint("positions/", name="positions", access=WATCH)
def positions(request: WebRequest) -> HttpResponse:
    context = {
        "title": "岗位职责",
        "rows": officers.positions(actor=request.actor),
        "duty_names": {d.code: d.name for d in officers.duties()},
        "may_propose": request.actor.can(SYSTEM_ADMIN),
        "collisions": officers.collisions(actor=request.actor, now=clock.now()),
    }
    return frame.page(request, "web/officers/positions.html", context)


@endpoint("rights/", name="rights", access=WATCH)
def change_list(request: WebRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    found = officers.changes(
        actor=request.actor, state=state, after=_number(request.GET.get("after"))
    )
    context = {
        "title": "权限变更",
        "rows": found.rows,
        "next": found.next,
        "state": state,
        "states": RightsChange.STATES,
        "looks": LOOKS,
        "kinds": changes.KINDS,
        "may_decide": request.actor.can(SECURITY_ADMIN),
    }
    return frame.page(request, "web/officers/rights.html", context)


@endpoint("rights/new", name="rights-new", access=duty(SYSTEM_ADMIN), methods=("GET", "POST"))
def propose(request: WebRequest) -> HttpResponse:
    """The form of one kind of change; what was typed stays when it is refused."""
    said = request.POST if request.method == "POST" else request.GET
    kind = changes.KINDS.get(said.get("kind", ""))
    if kind is None:
        known = "、".join(one.label for one in changes.KINDS.values())
        raise UNKNOWN_CHOICE.refuse("kind", label="事项", value=said.get("kind", ""), known=known)
    findings: list[dict[str, Any]] = []
    if request.method == "POST":
        typed = {
            name: request.POST.getlist(name) if name == "duties" else request.POST.get(name, "")
            for name in kind.fields
        }
        try:
            change = rights.propose(
                actor=request.actor,
                kind=kind.code,
                payload=typed,
                reason=request.POST.get("reason", ""),
                now=clock.now(),
            )
        except Refused as refused:
            findings = [finding.as_dict() for finding in refused.findings]
        else:
            frame.flash(request, f"已提出“{change.summary}”，等待安全保密管理员审批")
            return answers.to(request, f"/rights/{change.pk}")
    with scoped(request.actor):
        context = _form(request, kind)
        context["findings"] = findings
        return frame.page(
            request, "web/officers/propose.html", context, status=422 if findings else 200
        )


@endpoint("rights/<int:pk>", name="rights-one", access=WATCH)
def change_one(request: WebRequest, pk: int) -> HttpResponse:
    return frame.page(request, "web/officers/change.html", _change_context(request, pk))


@endpoint(
    "rights/<int:pk>/withdraw", name="rights-withdraw", access=duty(SYSTEM_ADMIN), methods=("POST",)
)
def withdraw(request: WebRequest, pk: int) -> HttpResponse:
    rights.withdraw(actor=request.actor, change_id=pk, now=clock.now())
    frame.flash(request, "已撤回")
    return answers.to(request, f"/rights/{pk}")


@endpoint(
    "rights/<int:pk>/decide", name="rights-decide", access=duty(SECURITY_ADMIN), methods=("POST",)
)
def decide(request: WebRequest, pk: int) -> HttpResponse:
    """Approving brings the change about. A new password is shown this once."""
    decision = rights.approve if "approve" in request.POST else rights.reject
    done = decision(
        actor=request.actor,
        change_id=pk,
        opinion=request.POST.get("opinion", ""),
        now=clock.now(),
    )
    with scoped(request.actor):
        context = _change_context(request, pk)
        context |= {"one_time_password": done.one_time_password, "tab": ""}
        return frame.page(request, "web/officers/change.html", context)


@endpoint("sessions/", name="sessions", access=WATCH)
def sessions(request: WebRequest) -> HttpResponse:
    found = officers.sessions(
        actor=request.actor, now=clock.now(), after=_number(request.GET.get("after"))
    )
    context = {
        "title": "在线会话",
        "rows": found.rows,
        "next": found.next,
        "own": request.visit.session_id,
        "policy": security.policy(),
        "may_force": request.actor.can(SYSTEM_ADMIN) or request.actor.can(SECURITY_ADMIN),
    }
    return frame.page(request, "web/officers/sessions.html", context)


@endpoint(
    "sessions/<int:pk>/end",
    name="session-end",
    access=duty(SYSTEM_ADMIN, SECURITY_ADMIN),
    methods=("POST",),
)
def force_out(request: WebRequest, pk: int) -> HttpResponse:
    with scoped(request.actor):
        officers.force_out(
            actor=request.actor,
            session_id=pk,
            reason=request.POST.get("reason", ""),
            now=clock.now(),
        )
    frame.flash(request, "已强制下线")
    return answers.to(request, "/sessions/")


@endpoint("security/", name="security", access=WATCH)
def security_policy(request: WebRequest) -> HttpResponse:
    """The policy beside both profiles, where it deviates, and what certificates go by."""
    policy, provider = security.policy(), crypto.provider()
    context = {
        "title": "安全策略",
        "policy": policy,
        "profiles": dict(SecurityPolicy.PROFILES),
        "figures": profiles.figures(policy),
        "deviations": profiles.deviations(policy),
        "basis": profiles.BASIS,
        "provider": provider,
        "algorithms": crypto.ALGORITHMS,
        "missing": provider.missing(),
        "authorities": certificates.bundle(),
        "revocations": len(certificates.revocations()),
        "may_propose": request.actor.can(SYSTEM_ADMIN),
    }
    return frame.page(request, "web/officers/policy.html", context)


def _number(said: str | None) -> int:
    return int(said) if said and said.isascii() and said.isdigit() and len(said) < 19 else 0


def _change_context(request: WebRequest, pk: int) -> dict[str, Any]:
    change = RightsChange.objects.filter(pk=pk).first()
    if change is None:
        raise errors.NOT_FOUND.refuse(noun="权限变更", key=pk)
    kind = changes.KINDS[change.kind]
    rows = [
        (label, _spelled(change.before.get(name)), _spelled(change.payload.get(name)))
        for name, (label, _) in kind.fields.items()
        if name not in HIDDEN
    ]
    return {
        "title": f"权限变更 {pk}",
        "change": change,
        "kind": kind,
        "rows": rows,
        "look": LOOKS[change.state],
        "one_time_password": "",
        "may_decide": request.actor.can(SECURITY_ADMIN)
        and change.proposed_by != request.actor.user_id,
        "may_withdraw": change.proposed_by == request.actor.user_id,
    }


def _spelled(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        names = {d.code: d.name for d in officers.duties()}
        return "、".join(names.get(code, str(code)) for code in value)
    return str(value)


def _form(request: WebRequest, kind: changes.Kind) -> dict[str, Any]:
    """What stands in the form: typed values first, else those of the record to be changed."""
    subject, known = _subject(kind, request)
    said = request.POST if request.method == "POST" else request.GET
    values: dict[str, Any] = {}
    for name in kind.fields:
        given = said.getlist(name) if name == "duties" else said.get(name)
        values[name] = given if given not in (None, []) else known.get(name, "")
    if not values.get("valid_from"):
        values["valid_from"] = clock.today().isoformat()
    return {
        "title": kind.label,
        "kind": kind,
        "subject": subject,
        "values": values,
        "hidden": HIDDEN,
        "reason": request.POST.get("reason", ""),
        "positions": [p for p in officers.positions(actor=request.actor) if p.is_enabled],
        "duties": officers.duties(),
        "choices": CHOICES,
        "derived": DERIVED,
    }


def _subject(kind: changes.Kind, request: WebRequest) -> tuple[str, dict[str, Any]]:
    """The record the change is about, in words, and its present values."""
    said = request.POST if request.method == "POST" else request.GET
    names = list(kind.fields)
    if "appointment_id" in kind.fields:
        one = Appointment.objects.select_related("user", "position").filter(
            pk=_number(said.get("appointment_id"))
        )
        found = one.first()
        label = f"{found.user.name}：{found.position.name}" if found else ""
        return label, _facts(found, names)
    if "user_id" in kind.fields:
        person = User.objects.filter(pk=_number(said.get("user_id"))).first()
        return (f"{person.name}（{person.username}）" if person else ""), _facts(person, names)
    if "position_id" in kind.fields:
        position = Position.objects.filter(pk=_number(said.get("position_id"))).first()
        return (position.name if position else ""), _facts(position, names)
    if kind.code == "policy.change":
        template = profiles.PROFILES.get(said.get("template", ""), {})
        return "全市", {**_facts(security.policy(), names), **template}
    if kind.code == "certificate.revoke":
        held = UserCertificate.objects.select_related("user")
        bound = held.filter(pk=_number(said.get("certificate_id"))).first()
        return (f"{bound.user.name}：{bound.subject}" if bound else ""), {}
    return "", {}


def _facts(record: Any, names: list[str]) -> dict[str, Any]:
    if record is None:
        return {}
    return {name: getattr(record, name) for name in names if hasattr(record, name)}
