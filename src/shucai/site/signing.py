"""签名命令 `./shucai sign-challenge`: signs what the sign-in page shows with the key of a file.

What a USB key's tool does, for keys in files; it works on another machine than the server's.
"""

import getpass
import os
import sys
from pathlib import Path

from shucai.kernel.identity.crypto import keyfile
from shucai.site import errors


def sign(key: str, challenge: str) -> int:
    """Prints the line that goes into the page. The PIN is asked for, or taken from SHUCAI_PIN."""
    try:
        text = Path(key).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise errors.KEY_UNUSABLE.refuse(file=key, reason="文件读不到") from None
    pin = os.environ.get("SHUCAI_PIN")
    if pin is None:
        pin = getpass.getpass("PIN：") if sys.stdin.isatty() else sys.stdin.readline().strip()
    try:
        print(keyfile.answer(keyfile.KeyFile(text, pin), challenge))
    except ValueError as fault:
        raise errors.KEY_UNUSABLE.refuse(file=key, reason=str(fault)) from None
    return 0
