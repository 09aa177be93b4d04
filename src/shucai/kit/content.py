"""内容 content: articles with their categories, announcements with their receipts."""

from shucai.kernel.content import articles, attaching, categories, choosing, issuing, reading
from shucai.kernel.content.articles import Manuscript
from shucai.kernel.content.duties import EDITOR, REVIEWER
from shucai.kernel.content.issuing import Letter
from shucai.kernel.content.models import Announcement, Article, ArticleVersion, Category, Receipt
from shucai.kernel.content.reach import Reach, Span

__all__ = [
    "EDITOR",
    "REVIEWER",
    "Announcement",
    "Article",
    "ArticleVersion",
    "Category",
    "Letter",
    "Manuscript",
    "Reach",
    "Receipt",
    "Span",
    "articles",
    "attaching",
    "categories",
    "choosing",
    "issuing",
    "reading",
]
