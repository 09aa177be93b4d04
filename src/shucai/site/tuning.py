"""数据库参数 tuning: PostgreSQL settings from the memory and cores that are really there."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

MB: Final = 1024 * 1024
POOL_MAX: Final = 8  # connections of one web process, see settings.DATABASES
_CGROUP_LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory() -> int:
    """Bytes of memory, the container's limit if there is one."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [_limit(path) for path in _CGROUP_LIMITS]
    return min([whole, *(limit for limit in limits if limit)])


def _limit(path: Path) -> int:
    try:
        text = path.read_text().strip()
    except OSError:
        return 0
    return int(text) if text.isdigit() else 0


def settings(*, memory: int, cores: int, durable: bool = True) -> Mapping[str, str]:
    """What differs from PostgreSQL's defaults. `durable=False` is for tests only."""
    shared = min(max(memory // 4, 128 * MB), 2048 * MB)
    chosen = {
        "listen_addresses": "",
        "max_connections": str(max(100, cores * POOL_MAX + 60)),
        "shared_buffers": f"{shared // MB}MB",
        "effective_cache_size": f"{max(memory // 2, 256 * MB) // MB}MB",
        "work_mem": f"{min(max(memory // 256, 4 * MB), 32 * MB) // MB}MB",
        "maintenance_work_mem": f"{min(max(memory // 16, 64 * MB), 1024 * MB) // MB}MB",
        "max_wal_size": "4GB",
        "wal_compression": "pglz",
        "random_page_cost": "1.1",
        "jit": "off",
        "idle_in_transaction_session_timeout": "10min",
        "password_encryption": "scram-sha-256",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "log_min_duration_statement": "2s",
        "log_parameter_max_length": "0",
    }
    if not durable:
        chosen |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return chosen
