"""只做一次 once: making a draft again under the same key answers with the first draft."""

import hashlib

from django.db import transaction

from shucai.kernel.document import drafts, repeats
from shucai.kernel.identity import scope


def save_once(draft: drafts.Draft, *, key: str, said: str) -> str:
    """The address of the draft; one transaction holds the claim and the writing."""
    if not key:
        return drafts.save(draft).address
    digest = hashlib.sha256(f"{draft.type.code}\n{draft.actor.fiscal_year}\n{said}".encode())
    with transaction.atomic():
        scope.apply(draft.actor)
        answered = repeats.claim(
            key=key, digest=digest.hexdigest(), actor_id=draft.actor.user_id, at=draft.now
        )
        if answered is not None:
            return str(answered["address"])
        header = drafts.save(draft)
        repeats.keep(key=key, outcome={"address": f"~{header.pk}"})
    return header.address
