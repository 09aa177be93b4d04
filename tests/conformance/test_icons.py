"""Every declared icon is in the sprite; a name that isn't shows an empty place."""

from pathlib import Path

from shucai.kernel.pages.declare import menus
from shucai.kernel.pages.question import questions
from shucai.kernel.pages.register import registers
from shucai.site import assets


def test_every_declared_icon_is_in_the_sprite() -> None:
    lines = Path(assets.ICONS).read_text("utf-8").split("\n")
    known = {line.split()[0] for line in lines if line and not line.startswith("#")}
    said = {(code, one.icon) for code, one in (*registers().items(), *questions().items())}
    said |= {
        (f"{code}:{command.code}", command.icon)
        for code, register in registers().items()
        for command in register.commands
    }
    said |= {(item.code, item.icon) for menu in menus() for item in menu.items}

    assert not {(code, icon) for code, icon in said if icon and icon not in known}
