"""页面 pages: menus, lists, forms, registers and figures of the work desk, declared."""

from datetime import datetime

from django.utils.timezone import localdate as local_day
from django.utils.timezone import localtime

from shucai.kernel.files.keeping import Upload
from shucai.kernel.masterdata.pinyin import spelled
from shucai.kernel.pages import (  # noqa: F401 (every process knows their kinds)
    menus,
    portal,
    print_template,
)
from shucai.kernel.pages.access import EVERYBODY
from shucai.kernel.pages.declare import (
    DocumentPage,
    Menu,
    MenuItem,
    document_item,
    question_item,
    register_item,
)
from shucai.kernel.pages.figures import LedgerFigures
from shucai.kernel.pages.links import list_of
from shucai.kernel.pages.question import Answer, Question
from shucai.kernel.pages.register import (
    Call,
    Column,
    Command,
    Done,
    Filter,
    Input,
    Look,
    Panel,
    Register,
    Table,
)


def local(moment: datetime) -> str:
    """Date and minute on the wall clock, for tables."""
    return localtime(moment).strftime("%Y-%m-%d %H:%M")


__all__ = [
    "EVERYBODY",
    "Answer",
    "Call",
    "Column",
    "Command",
    "DocumentPage",
    "Done",
    "Filter",
    "Input",
    "LedgerFigures",
    "Look",
    "Menu",
    "MenuItem",
    "Panel",
    "Question",
    "Register",
    "Table",
    "Upload",
    "document_item",
    "list_of",
    "local",
    "local_day",
    "question_item",
    "register_item",
    "spelled",
]
