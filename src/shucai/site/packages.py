"""系统软件包 packages of the operating system: installed by apt when we are root, else named."""

import os
import shutil
from collections.abc import Callable, Sequence

from shucai.site import errors
from shucai.site.environment import follow, last_line


def may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(names: Sequence[str], *, say: Callable[[str], None]) -> None:
    """apt-get install, without questions."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", *names]):
        code, lines = follow(["apt-get", *words], say=say, environment=quiet)
        if code != 0:
            tail = last_line("\n".join(lines))
            raise errors.APT_FAILED.refuse(code=str(code), tail=tail, packages=" ".join(names))
