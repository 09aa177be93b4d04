"""The machine: the only storey that locks, authorises, decides, posts and records."""
