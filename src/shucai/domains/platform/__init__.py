"""平台 platform: pages over the kernel rooms: people, rights, sessions, the audit trail.

It has no records of its own; what is shown belongs to the rooms.
"""
