"""布局编辑页 layout editor pages: what a list and a form look like, by role, as a draft.

The controls stand left, what they make stands right, drawn by the engine that draws it for
everybody. Without script every button is a form button; nothing is saved but by saving.
"""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Final

from django.http import HttpResponse

from shucai.base.errors import Refused
from shucai.edge.web import answers, bare, clock, frame
from shucai.edge.web.endpoints import duty, endpoint, scoped
from shucai.edge.web.layout import form_editor, list_editor
from shucai.edge.web.request import WebRequest
from shucai.edge.web.views.configuration import (
    EDITORS,
    asked,
    draft_context,
    editor_link,
    number,
    place_link,
)
from shucai.kernel.configuration import drafts, places, releases
from shucai.kernel.configuration.declare import Place
from shucai.kernel.document import form_layout, layouts, list_layout
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.document.permits import readers
from shucai.kernel.identity.duties import name_of
from shucai.kernel.identity.models import Position

POSITIONS_MAX: Final = 300
LIST: Final = list_layout.KIND.code
FORM: Final = form_layout.CODE
EDITS: Final = duty(*EDITORS)


@endpoint(
    "configuration/list_layout/<str:key>/edit",
    name="layout-list",
    access=EDITS,
    methods=("GET", "POST"),
)
def list_page(request: WebRequest, key: str) -> HttpResponse:
    """The editor of a list."""
    return _edit(request, asked(request, LIST, key))


@endpoint(
    "configuration/form_layout/<str:key>/edit",
    name="layout-form",
    access=EDITS,
    methods=("GET", "POST"),
)
def form_page(request: WebRequest, key: str) -> HttpResponse:
    """The editor of a form."""
    return _edit(request, asked(request, FORM, key))


@endpoint(
    "configuration/list_layout/<str:key>/preview",
    name="layout-list-preview",
    access=EDITS,
    methods=("POST",),
)
def list_preview(request: WebRequest, key: str) -> HttpResponse:
    """What the list would look like, as typed."""
    return _preview(request, asked(request, LIST, key))


@endpoint(
    "configuration/form_layout/<str:key>/preview",
    name="layout-form-preview",
    access=EDITS,
    methods=("POST",),
)
def form_preview(request: WebRequest, key: str) -> HttpResponse:
    """What the form would look like, as typed."""
    return _preview(request, asked(request, FORM, key))


class _Editor:
    """One variant of the content being edited."""

    def __init__(self, request: WebRequest, place: Place) -> None:
        self.request, self.place = request, place
        self.kind: DocumentType = layouts.type_of(place.key)
        self.module: ModuleType = list_editor if place.kind == LIST else form_editor
        self.content = _whole(place)
        self.kept: Mapping[str, list[str]] = {}
        given = request.POST if request.method == "POST" else request.GET
        self.role = given.get("role", "")[:60]
        if request.method == "POST":
            self.content = self.module.read(self.kind, place, self.content, request.POST)
            self.kept = self.module.order(self.kind, place, request.POST)
        if self.role not in self.content["variants"]:
            self.role = layouts.EVERYBODY

    @property
    def variant(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.content["variants"][self.role]
        return found

    @property
    def version(self) -> int:
        return number(self.request.POST.get("version"))

    def shown(self, **more: Any) -> dict[str, Any]:
        """Everything the page shows."""
        roles = _roles(self.kind)
        used = list(self.content["variants"])
        named = [(role, roles.get(role) or layouts.role_name(role)) for role in used]
        context = {
            **draft_context(self.request, self.place),
            "role": self.role,
            "variants": named,
            "free_roles": [(code, name) for code, name in roles.items() if code not in used],
            "here": editor_link(places.known(self.place.kind), self.place),
            "editor": self._controls(),
            "preview": self.preview(),
        }
        return {**context, **more}

    def _controls(self) -> dict[str, Any]:
        if self.place.kind == LIST:
            return list_editor.context(self.kind, self.place, self.variant, self.kept)
        return form_editor.context(self.kind, self.content, self.variant, self.kept)

    def preview(self) -> dict[str, Any]:
        actor = self.request.actor
        if self.place.kind == LIST:
            return list_editor.preview(self.kind, actor, self.place, self.variant)
        return form_editor.preview(self.kind, actor, self.content, self.variant)

    def save(self, content: Mapping[str, Any]) -> Any:
        return drafts.save(
            actor=self.request.actor,
            place=self.place,
            content=content,
            version=self.version,
            now=clock.now(),
        )

    def link(self, role: str) -> str:
        return f"{editor_link(places.known(self.place.kind), self.place)}&role={role}"


def _whole(place: Place) -> dict[str, Any]:
    """The content an editor starts from, with a variant for everybody whatever was imported."""
    content = dict(drafts.starting(place)[0])
    standard = places.known(place.kind).standard(place)
    variants = {**standard["variants"], **layouts.variants_of(content)}
    return {**standard, **content, "variants": variants}


def _roles(kind: DocumentType) -> dict[str, str]:
    """Whom a variant may be for: the duties that see such documents, and every position."""
    duties = {code: f"职责 {name_of(code)}" for code in readers(kind)}
    names = Position.objects.filter(is_enabled=True).order_by("name").values_list("name", flat=True)
    positions = {f"@{name}": f"岗位 {name}" for name in names[:POSITIONS_MAX]}
    return {layouts.EVERYBODY: layouts.role_name(layouts.EVERYBODY), **duties, **positions}


def _edit(request: WebRequest, place: Place) -> HttpResponse:
    editor = _Editor(request, place)
    if request.method != "POST":
        return _page(editor)
    act = next((name for name in _ACTS if name in request.POST), "again")
    try:
        return _ACTS[act](editor)
    except Refused as refused:
        return _refused(editor, refused, version=editor.version)


def _page(editor: _Editor, **more: Any) -> HttpResponse:
    status = more.pop("status", 200)
    context = editor.shown(**more)
    return frame.page(editor.request, editor.module.TEMPLATE, context, status=status)


def _refused(editor: _Editor, refused: Refused, *, version: int) -> HttpResponse:
    """The editor with what was typed; `version` is that of the draft the person has seen."""
    findings = [finding.as_dict() for finding in refused.findings]
    with scoped(editor.request.actor):
        return _page(editor, findings=findings, faults=[], version=version, status=422)


def _preview(request: WebRequest, place: Place) -> HttpResponse:
    editor = _Editor(request, place)
    return bare.page(request, editor.module.PREVIEW, {"preview": editor.preview()})


def _again(editor: _Editor) -> HttpResponse:
    """Rows moved without script: the page as typed, nothing saved."""
    return _page(editor, version=editor.version, note=editor.request.POST.get("note", ""))


def _keep(editor: _Editor) -> HttpResponse:
    saved = editor.save(editor.content)
    faults = drafts.check(editor.place, saved.content)
    left = f"，还有 {len(faults)} 处需要改正" if faults else ""
    frame.flash(editor.request, f"草稿已保存{left}", look="bad" if faults else "good")
    return answers.to(editor.request, editor.link(editor.role))


def _propose(editor: _Editor) -> HttpResponse:
    """Saves what was typed, then proposes it; the draft stays saved where that is refused."""
    saved = editor.save(editor.content)
    try:
        release = releases.propose(
            actor=editor.request.actor,
            place=editor.place,
            note=editor.request.POST.get("note", ""),
            version=saved.version,
            now=clock.now(),
        )
    except Refused as refused:
        return _refused(editor, refused, version=saved.version)
    frame.flash(editor.request, f"{release.title}已提出，等待另一人发布")
    return answers.to(editor.request, place_link(editor.place))


def _add_role(editor: _Editor) -> HttpResponse:
    """A variant for another role, beginning with what is on the page."""
    role = editor.request.POST.get("new_role", "")[:60]
    variants = {**editor.content["variants"], role: editor.variant}
    editor.save({**editor.content, "variants": variants})
    frame.flash(editor.request, f"已增加{layouts.role_name(role)}的方案")
    return answers.to(editor.request, editor.link(role))


def _drop_role(editor: _Editor) -> HttpResponse:
    variants = {r: one for r, one in editor.content["variants"].items() if r != editor.role}
    editor.save({**editor.content, "variants": variants})
    frame.flash(editor.request, f"已删除{layouts.role_name(editor.role)}的方案")
    return answers.to(editor.request, editor.link(layouts.EVERYBODY))


def _discard(editor: _Editor) -> HttpResponse:
    drafts.discard(
        actor=editor.request.actor, place=editor.place, version=editor.version, now=clock.now()
    )
    frame.flash(editor.request, "草稿已放弃，现行内容不变")
    return answers.to(editor.request, place_link(editor.place))


def _rebase(editor: _Editor) -> HttpResponse:
    drafts.rebase(
        actor=editor.request.actor, place=editor.place, version=editor.version, now=clock.now()
    )
    frame.flash(editor.request, "草稿已以现行发布为底")
    return answers.to(editor.request, editor.link(editor.role))


_ACTS: dict[str, Callable[[_Editor], HttpResponse]] = {
    "propose": _propose,
    "discard": _discard,
    "rebase": _rebase,
    "add_role": _add_role,
    "drop_role": _drop_role,
    "save": _keep,
    "again": _again,
}
