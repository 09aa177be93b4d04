"""浏览器名 browser names: what a User-Agent says, as “Chrome 140 · Linux”."""

import re
from typing import Final

# The first that matches counts: many browsers also name those they are made from.
_BROWSERS: Final = (
    (re.compile(r"Edg(?:A|iOS)?/(\d+)"), "Edge"),
    (re.compile(r"OPR/(\d+)"), "Opera"),
    (re.compile(r"360SE|360EE|QihooBrowser(?:/(\d+))?"), "360 浏览器"),
    (re.compile(r"MetaSr|SE 2\.X"), "搜狗浏览器"),
    (re.compile(r"QQBrowser/(\d+)"), "QQ 浏览器"),
    (re.compile(r"UOSBrowser|UOS Browser(?:/(\d+))?"), "统信浏览器"),
    (re.compile(r"MicroMessenger/(\d+)"), "微信"),
    (re.compile(r"HeadlessChrome/(\d+)"), "Chrome"),
    (re.compile(r"Chrome/(\d+)"), "Chrome"),
    (re.compile(r"CriOS/(\d+)"), "Chrome"),
    (re.compile(r"(?:Firefox|FxiOS)/(\d+)"), "Firefox"),
    (re.compile(r"Version/(\d+).*Safari/"), "Safari"),
    (re.compile(r"Trident/.*rv:(\d+)"), "IE"),
    (re.compile(r"MSIE (\d+)"), "IE"),
)
_SYSTEMS: Final = (
    (re.compile(r"Windows NT 10"), "Windows 10/11"),
    (re.compile(r"Windows NT 6\.1"), "Windows 7"),
    (re.compile(r"Windows"), "Windows"),
    (re.compile(r"HarmonyOS|OpenHarmony"), "鸿蒙"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"iPhone|iPad"), "iOS"),
    (re.compile(r"Mac OS X"), "macOS"),
    (re.compile(r"UOS"), "统信 UOS"),
    (re.compile(r"[Kk]ylin"), "银河麒麟"),
    (re.compile(r"Linux|X11"), "Linux"),
)
OTHER_MAX: Final = 40


def browser_name(agent: str) -> str:
    """Name, main version and system; the beginning of the text where nothing is known."""
    system = next((name for pattern, name in _SYSTEMS if pattern.search(agent)), "")
    for pattern, name in _BROWSERS:
        found = pattern.search(agent)
        if found:
            version = found[1] if pattern.groups and found[1] else ""
            return " · ".join(part for part in (f"{name} {version}".strip(), system) if part)
    return system or agent[:OTHER_MAX]
