"""命令行 CLI: the `shucai` command; the same grammar and the same refusals as page and API.

Exit codes: 0 good, 1 a check failed, 2 refused or misused.
"""

from shucai.edge.cli.command import COMMANDS, main

__all__ = ["COMMANDS", "main"]
