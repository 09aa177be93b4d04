"""文件登记 stored file: every file by name, kind, size and owner; the store checked and cleaned."""

from typing import Any

from shucai.kit import files, identity, jobs, pages

SHOWN_MAX = 200
HOURS = pages.Input(
    name="hours",
    label="宽限小时",
    entry="integer",
    initial=24,
    help="只清理早于此时间、没有任何文件引用的内容",
)


def _size(row: Any) -> str:
    return files.centre.size_text(row.size)


def _test(call: pages.Call) -> pages.Done:
    threat = files.centre.test_scanner(actor=call.actor, now=call.now)
    return pages.Done(f"查毒服务正常，识别出测试样本：{threat}")


def _check(call: pages.Call) -> pages.Done:
    run = jobs.run_now(code="files.check", actor=call.actor, now=call.now)
    return pages.Done("已开始逐个核对，结果见任务运行", to=f"/r/platform.job_run/{run.pk}")


def _orphans(call: pages.Call) -> pages.Table:
    found = files.centre.orphans(now=call.now, hours=call.values["hours"])
    total = files.centre.size_text(sum(size for _, size, _ in found))
    return pages.Table(
        ["摘要值", "大小", "存入时间"],
        [(d[:16], files.centre.size_text(size), since) for d, size, since in found[:SHOWN_MAX]],
        note=f"共 {len(found):,} 个内容，{total}",
        empty="没有无引用的内容",
    )


def _clean(call: pages.Call) -> pages.Done:
    gone, size = files.centre.clean(hours=call.values["hours"], actor=call.actor, now=call.now)
    return pages.Done(f"已清理 {gone:,} 个内容，{files.centre.size_text(size)}")


STORED_FILE = pages.Register(
    code="platform.stored_file",
    name="文件登记",
    model=files.StoredFile,
    icon="files",
    covers=["PLAT-013"],
    intro="全部附件、草稿附件和导出文件的登记；此处看不到文件内容",
    empty="还没有文件。",
    readers=identity.OFFICERS,
    rows=files.centre.visible,
    search="name owner_name sha256",
    order="-pk",
    title=lambda row: row.name,
    trail=lambda row: [("file", str(row.pk))],
    filters=[
        pages.Filter(field="purpose"),
        pages.Filter(field="is_scanned", entry="flag"),
        pages.Filter(field="created_at", entry="instant"),
        pages.Filter(field="unit_path", label="单位路径", entry="text", lookup="startswith"),
        pages.Filter(field="sha256", label="摘要值", entry="text"),
    ],
    columns=[
        pages.Column(field="name"),
        pages.Column(field="purpose"),
        pages.Column(field="content_type"),
        pages.Column(field="size_text", label="大小", value=_size),
        pages.Column(field="is_scanned", tones={"1": "done", "0": "wait"}),
        pages.Column(field="owner_name"),
        pages.Column(field="created_at"),
        pages.Column(field="removed_at"),
        pages.Column(field="expires_at", is_shown=False),
        pages.Column(field="sha256", label="摘要值", look="code", is_shown=False),
    ],
    commands=[
        pages.Command(
            code="check",
            label="核对文件",
            by=[identity.SYSTEM_ADMIN],
            run=_check,
            target="none",
            icon="checks",
            confirm="逐个读取内容并核对摘要，找出缺失、损坏和无引用的内容。",
        ),
        pages.Command(
            code="test_scanner",
            label="测试查毒",
            by=[identity.SYSTEM_ADMIN],
            run=_test,
            target="none",
            icon="shield-check",
        ),
        pages.Command(
            code="clean",
            label="清理无引用的内容",
            by=[identity.SYSTEM_ADMIN],
            run=_clean,
            preview=_orphans,
            target="none",
            is_grave=True,
            icon="trash",
            inputs=[HOURS],
        ),
    ],
)
