"""种子文件的拒绝 refusals about seed files."""

from typing import Final

from shucai.base.errors import Problem

SEED_FAULTY: Final = Problem(
    code="CLI-9101",
    what="参考数据文件 {where} 不能使用",
    why="{reason}",
    fix="请恢复该文件，或按其他行的样式改正后重新装载",
)
