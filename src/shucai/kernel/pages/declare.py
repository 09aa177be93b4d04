"""页面声明 page declarations: what a list, a form and a menu show; the edge renders them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shucai.kernel import registry


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """`sections` maps a heading to field names; the word `lines` stands for the detail grid.

    `columns`, `filters` and `line_columns` are field names of header, document or line,
    separated by spaces; start-up checks resolve every one of them.
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

    def __post_init__(self) -> None:
        registry.declare("menu", self.code, self, where=registry.caller())


def menus() -> list[Menu]:
    """Every declared menu, in menu order."""
    found: list[Menu] = list(registry.all("menu").values())
    return sorted(found, key=lambda menu: (menu.position, menu.code))


def document_item(kind: str, name: str, *, icon: str, covers: Sequence[str] = ()) -> MenuItem:
    """The menu entry of a document type's list."""
    return MenuItem(code=kind, name=name, page=f"/d/{kind}/", icon=icon, covers=covers)
