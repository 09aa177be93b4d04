"""导出导入 transfer: a release as a file; a file becomes a draft, never a release."""

import hashlib
import json
from datetime import datetime
from typing import Any, Final

from shucai.kernel import audit
from shucai.kernel.configuration import drafts, errors, places
from shucai.kernel.configuration.declare import Place
from shucai.kernel.configuration.models import Draft, Release
from shucai.kernel.identity.actor import Actor

FORMAT: Final = "shucai.configuration/1"


def to_file(release: Release) -> tuple[str, bytes]:
    """Name and content of the file; `digest` is the SHA-256 of the text in `body`."""
    said = {
        "format": FORMAT,
        "kind": release.kind,
        "key": release.key,
        "division": release.division,
        "fiscal_year": release.fiscal_year,
        "number": release.number,
        "note": release.note,
        "proposed_by": release.proposed_name,
        "published_by": release.decided_name,
        "digest": release.digest,
        "body": release.body,
    }
    name = places.spelled(release.place).replace("*", "all").replace("/", "-")
    text = json.dumps(said, ensure_ascii=False, indent=1)
    return f"{name}-{release.number}.json", text.encode()


@audit.refusals("configuration.import", "configuration")
def from_file(*, actor: Actor, place: Place, data: bytes, version: int, now: datetime) -> Draft:
    """The content of the file becomes the draft at `place`, which may be another one."""
    said = _read(data)
    if said["kind"] != place.kind:
        raise errors.OTHER_KIND.refuse(
            found=str(said["kind"])[:60], wanted=places.known(place.kind).name
        )
    found = hashlib.sha256(said["body"].encode()).hexdigest()
    if found != said["digest"]:
        raise errors.WRONG_DIGEST.refuse(found=found[:16], told=str(said["digest"])[:16])
    content = _json(said["body"].encode())
    return drafts.save(actor=actor, place=place, content=content, version=version, now=now)


def _read(data: bytes) -> dict[str, Any]:
    if len(data) > 4 * drafts.BYTES_MAX:
        raise errors.NOT_A_FILE.refuse(reason=f"有 {len(data):,} 字节，超过上限")
    said = _json(data)
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise errors.NOT_A_FILE.refuse(reason="没有格式标识")
    missing = [n for n in ("kind", "digest", "body") if not isinstance(said.get(n), str)]
    if missing:
        raise errors.NOT_A_FILE.refuse(reason=f"缺少 {'、'.join(missing)}")
    return said


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as fault:
        raise errors.NOT_A_FILE.refuse(reason=f"不是 JSON（{str(fault)[:60]}）") from fault
