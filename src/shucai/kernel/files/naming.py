"""文件名 file names: what is kept of a name that came from outside."""

import re
import unicodedata
from typing import Final

NAME_MAX: Final = 120
# Programs and scripts: refused wherever they stand in a name with several extensions.
# fmt: off
RUNNABLE: Final = frozenset({
    "exe", "com", "scr", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf", "wsh", "msi",
    "msp", "dll", "cpl", "hta", "jar", "sh", "app", "apk", "lnk", "reg", "pif", "inf", "html",
    "htm", "xhtml", "svg", "php", "jsp", "asp", "aspx", "docm", "xlsm", "pptm", "dotm", "xltm",
    "xlam",
})
# fmt: on
_RESERVED: Final = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*]')


def clean(raw: str) -> str:
    """The last part of a path, without control and direction characters, of bounded length."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", raw))[-1]
    # Cf holds the characters that turn "gpj.exe" around to look like "exe.jpg".
    shown = "".join(ch for ch in last if unicodedata.category(ch) not in ("Cc", "Cf", "Cs", "Zl"))
    plain = re.sub(r"\s+", " ", _FORBIDDEN.sub("_", shown)).strip(" .")
    if not plain or _RESERVED.match(plain):
        plain = f"附件{'_' + plain if plain else ''}"
    stem, dot, extension = plain.rpartition(".")
    if dot and len(plain) > NAME_MAX:
        return stem[: NAME_MAX - len(extension) - 1].rstrip(" .") + dot + extension
    return plain[:NAME_MAX]


def extension(name: str) -> str:
    """The last extension in lower case, or nothing."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def hidden_program(name: str) -> str:
    """A program's extension standing before the last one, or nothing."""
    parts = [part.strip().lower() for part in name.split(".")[1:-1]]
    return next((part for part in parts if part in RUNNABLE), "")
