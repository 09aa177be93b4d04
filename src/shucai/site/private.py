"""私密文件 private files: readable by their owner only, written whole or not at all."""

import os
from pathlib import Path


def write_private(place: Path, text: str) -> None:
    """Writes a file that was never readable by anyone else, whole or not at all."""
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(place)
