"""检验 the two ways to check the tree: `test` runs everything but load, `check` the quick loop."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shucai.site import environment, errors, packages
from shucai.site.instance import ROOT
from shucai.site.steps import Progress, table

QUICK_TESTS: Final = ("unit", "conformance", "architecture")
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
FONT_FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts")


@dataclass(frozen=True, slots=True)
class Check:
    """One tool and what it is called in the summary."""

    name: str
    command: Sequence[str]


def test(arguments: Sequence[str]) -> int:
    """Everything but load. Extra arguments go to pytest."""
    need_dev_environment()
    need_browser()
    pytest = [*_module("pytest"), "-m", "not load", *(arguments or ["tests"])]
    return run([*static_checks(), Check("全部测试", pytest)])


def check(arguments: Sequence[str]) -> int:
    """Lint, types, contracts, and the tests that need neither browser nor processes."""
    need_dev_environment()
    places = [f"tests/{name}" for name in QUICK_TESTS if (ROOT / "tests" / name).is_dir()]
    pytest = [*_module("pytest"), "-q", "-m", "not load", *(arguments or places)]
    return run([*static_checks(), Check("快速测试", pytest)])


def static_checks() -> list[Check]:
    bin_folder = Path(sys.executable).parent
    return [
        Check("代码规范", [*_module("ruff"), "check", "src", "tests"]),
        Check("代码格式", [*_module("ruff"), "format", "--check", "src", "tests"]),
        Check("类型", [*_module("mypy")]),
        Check("依赖关系", [str(bin_folder / "lint-imports")]),
    ]


def run(checks: Sequence[Check]) -> int:
    """Runs all of them, whatever fails, and ends with one summary. 0 good, 1 something failed."""
    results = []
    for one in checks:
        print(f"\n══ {one.name} ══", flush=True)
        begun = time.monotonic()
        code = subprocess.run(  # noqa: S603 (the commands above)
            one.command, cwd=ROOT, check=False, env=_environment()
        ).returncode
        results.append((one.name, code, time.monotonic() - begun))
    rows = [["项目", "结果", "用时"]]
    rows += [
        [name, "通过" if code == 0 else f"未通过（退出码 {code}）", f"{seconds:.0f} 秒"]
        for name, code, seconds in results
    ]
    failed = sum(code != 0 for _, code, _ in results)
    print(f"\n{table(rows)}\n")
    print("全部通过" if not failed else f"{failed} 项未通过，详情见上文")
    return 1 if failed else 0


def need_dev_environment() -> None:
    """Adds the packages for tests to the running environment when their list is new."""
    place, lock = Path(sys.prefix), ROOT / "requirements-dev.lock"
    if environment.is_current(place, lock):
        return
    with Progress().step("测试依赖包") as say:
        environment.install(place, lock, say=say)
        environment.mark(place, ROOT / "requirements.lock", lock)


def need_browser() -> None:
    """Chromium and Chinese fonts: by apt when root, else the sentence that says what to do."""
    missing = {}
    if not any(shutil.which(name) for name in BROWSERS):
        missing["chromium"] = "Chromium 浏览器"
    if not any(any(Path(folder).rglob("NotoSansCJK*")) for folder in FONT_FOLDERS):
        missing["fonts-noto-cjk"] = "Noto CJK 中文字体"
    if not missing:
        return
    if not packages.may_install():
        raise errors.TOOLS_MISSING.refuse(
            names="、".join(missing.values()), packages=" ".join(missing)
        )
    with Progress().step("浏览器与中文字体") as say:
        packages.install(list(missing), say=say)


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]


def _environment() -> dict[str, str]:
    """As the caller has it, with the sources and the tools on the path."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUTF8": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
