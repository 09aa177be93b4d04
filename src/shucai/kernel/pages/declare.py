"""页面声明 page declarations: what a list, a form and a menu show; the edge renders them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from shucai.kernel import registry
from shucai.kernel.document.declare import types


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """`sections` maps a heading to field names; the word `lines` stands for the detail grid.

    `columns`, `filters` and `line_columns` are field names of header, document or line,
    separated by spaces; start-up checks resolve every one of them. `legal` are fields of document
    or line that the law wants on the form though they may be empty: no layout may hide them.
    """

    sections: Mapping[str, str]
    columns: str
    filters: str = "unit state"
    line_columns: str = ""
    icon: str = "file-text"
    empty: str = ""
    intro: str = ""
    phrases: Sequence[str] = ("同意", "情况属实，同意办理", "请补充附件")
    print_title: str = ""
    legal: str = ""


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A page in the tree menu. `page` is an address; `duties` say who sees it."""

    code: str
    name: str
    page: str
    icon: str
    covers: Sequence[str] = ()
    duties: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Menu:
    """A domain's part of the tree menu: tab, group, items; lower `position` comes first."""

    code: str
    tab: str
    group: str
    position: int
    items: Sequence[MenuItem] = field(default_factory=tuple)
    is_completed: bool = False  # a copy with the types that no menu names

    def __post_init__(self) -> None:
        if self.is_completed:
            return
        registry.declare("menu", self.code, self, where=registry.caller())


def menus() -> list[Menu]:
    """Every declared menu in order; a type that no menu names ends its domain's."""
    found: list[Menu] = list(registry.all("menu").values())
    named = {item.page for menu in found for item in menu.items}
    forgotten = [kind for kind in types().values() if f"/d/{kind.code}/" not in named]
    whole = []
    for menu in found:
        more = [
            document_item(kind.code, kind.name, icon=kind.page.icon, covers=kind.covers)
            for kind in forgotten
            if kind.app_label == menu.code
        ]
        whole.append(replace(menu, items=[*menu.items, *more], is_completed=True) if more else menu)
    return sorted(whole, key=lambda menu: (menu.position, menu.code))


def document_item(kind: str, name: str, *, icon: str, covers: Sequence[str] = ()) -> MenuItem:
    """The menu entry of a document type's list."""
    return MenuItem(code=kind, name=name, page=f"/d/{kind}/", icon=icon, covers=covers)


def register_item(register: str, name: str, *, icon: str, covers: Sequence[str] = ()) -> MenuItem:
    """The menu entry of a register's list; its readers see it."""
    return MenuItem(code=register, name=name, page=f"/r/{register}/", icon=icon, covers=covers)


def question_item(question: str, name: str, *, icon: str, covers: Sequence[str] = ()) -> MenuItem:
    """The menu entry of a question; its readers see it."""
    return MenuItem(code=question, name=name, page=f"/q/{question}", icon=icon, covers=covers)
