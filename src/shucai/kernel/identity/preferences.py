"""个人设置 preferences: columns, saved views and page sizes of one user, by key."""

import json
from typing import Any, Final

from django.db import connection

from shucai.kernel.identity import errors
from shucai.kernel.identity.models import Preference

SIZE_MAX: Final = 32_768


def get(user_id: int, key: str, default: Any = None) -> Any:
    """The stored value, or `default`."""
    with connection.cursor() as cursor:  # asked for by every list page: no query builder
        cursor.execute(
            "SELECT value FROM identity_preference WHERE user_id = %s AND key = %s", [user_id, key]
        )
        found = cursor.fetchone()
    return json.loads(found[0]) if found else default


def get_all(user_id: int, prefix: str) -> dict[str, Any]:
    """Every value whose key starts with the prefix, by key."""
    rows = Preference.objects.filter(user_id=user_id, key__startswith=prefix).order_by("key")
    return dict(rows.values_list("key", "value")[:500])


def put(user_id: int, key: str, value: Any) -> None:
    """Stores JSON of at most 32 KiB under the key, in place of what was there."""
    size = len(json.dumps(value, ensure_ascii=False).encode())
    if size > SIZE_MAX:
        raise errors.PREFERENCE_LARGE.refuse(key=key, size=size, limit=SIZE_MAX)
    Preference.objects.update_or_create(user_id=user_id, key=key[:120], defaults={"value": value})


def remove(user_id: int, key: str) -> None:
    Preference.objects.filter(user_id=user_id, key=key).delete()
