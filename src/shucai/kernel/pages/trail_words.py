"""审计用语 words of the trail: actions, targets and details as people say them, and where to go.

The trail keeps codes, since words change; everything that shows it says them here.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from shucai.kernel.document.declare import find_type
from shucai.kernel.identity.applications import LABELS as APPLICATION
from shucai.kernel.identity.changes import KINDS
from shucai.kernel.identity.duties import name_of
from shucai.kernel.jobs.declare import find_task
from shucai.kernel.pages.register import find_register

ACTIONS: Final = {
    "identity.sign_in": "登录",
    "identity.sign_out": "退出登录",
    "identity.switch": "切换岗位年度",
    "identity.change_password": "修改密码",
    "identity.first_load": "首次建立用户",
    "identity.reset_officer": "重置三员密码",
    "identity.propose": "申请权限变更",
    "identity.approved": "批准权限变更",
    "identity.rejected": "驳回权限变更",
    "identity.withdrawn": "撤回权限变更",
    "identity.force_out": "强制下线",
    "identity.unlock": "解除锁定",
    "identity.request": "提交用户权限申请",
    "identity.take_request": "受理用户权限申请",
    "identity.request_returned": "退回用户权限申请",
    "identity.return_request": "退回用户权限申请",
    "identity.request_withdrawn": "撤回用户权限申请",
    "identity.withdraw_request": "撤回用户权限申请",
    "identity.delegate": "委托办理",
    "identity.end_delegation": "收回委托",
    "identity.open_review": "发起权限复核",
    "identity.review": "权限复核",
    "identity.close_review": "结束权限复核",
    "identity.hand_on": "待办转回岗位",
    "identity.create_token": "创建令牌",
    "identity.revoke_token": "吊销令牌",
    "identity.rotate_token": "更换令牌",
    "identity.ask_application": "申请外部应用",
    "identity.approve_application": "批准外部应用",
    "identity.reject_application": "驳回外部应用",
    "identity.stop_application": "停用外部应用",
    "identity.issue_key": "签发应用密钥",
    "identity.first_factor": "密码通过，待第二因素",
    "identity.second_factor": "双因素登录",
    "identity.certificate_sign_in": "证书登录",
    "identity.enrol_factor": "启用双因素",
    "identity.end_session": "结束本人登录",
    "job.start": "启动任务",
    "job.retry": "重新执行任务",
    "job.cancel": "取消任务",
    "file.download": "下载文件",
    "file.remove": "移除文件",
    "outbox.redrive": "重新投递消息",
    "audit.export": "导出审计日志",
    "audit.deposit": "寄存链值",
    "audit.compare": "核对寄存的链值",
    "audit.prove": "验证审计链",
    "file.attach": "上传附件",
    "file.produce": "生成文件",
    "file.scan_test": "测试查毒服务",
    "file.clean": "清理无引用的内容",
    "job.run_now": "立即执行任务",
    "job.pause": "暂停任务",
    "job.resume": "恢复任务",
    "job.change_rhythm": "调整执行周期",
    "job.wait_for": "设置前置任务",
    "configuration.save": "保存配置草稿",
    "configuration.propose": "提交配置",
    "configuration.publish": "发布配置",
    "configuration.reject": "退回配置",
    "configuration.withdraw": "撤回配置",
    "configuration.discard": "放弃配置草稿",
    "configuration.import": "导入配置",
    "configuration.stop": "结束试用",
    "configuration.rebase": "配置草稿改为以现行内容为准",
    "configuration.propose_rollback": "申请回退配置",
    "configuration.decide_rollback": "审批配置回退",
    "masterdata.publish": "发布编码",
    "masterdata.withdraw": "撤回发布",
    "masterdata.take": "采用发布的编码",
    "masterdata.stop_pairs": "停用要素关联",
    "masterdata.put_value_rule": "维护定值规则",
    "masterdata.switch_value_rule": "启停定值规则",
    "masterdata.put_level": "设置要素级次",
    "masterdata.remove_level": "取消要素级次",
    "masterdata.define_set": "定义值集",
    "masterdata.add_value": "新增要素值",
    "masterdata.change_value": "修改要素值",
    "masterdata.stop_value": "停用要素值",
    "masterdata.restart_value": "恢复要素值",
    "masterdata.import_values": "导入要素值",
    "masterdata.change_rule": "修改编码规则",
    "masterdata.copy_year": "复制年度",
    "masterdata.put_mapping": "维护新旧对照",
    "masterdata.put_pairs": "维护要素关联",
    "masterdata.add_unit": "新增单位",
    "masterdata.rename_unit": "单位更名",
    "masterdata.move_unit": "单位调整隶属",
    "masterdata.merge_units": "单位合并",
    "masterdata.split_unit": "单位分立",
    "masterdata.stop_unit": "停用单位",
}
TARGETS: Final = {
    "identity.user": "用户",
    "identity.session": "会话",
    "identity.change": "权限变更",
    "identity.token": "令牌",
    "identity.request": "用户权限申请",
    "identity.delegation": "委托",
    "identity.review": "权限复核",
    "identity.application": "外部应用",
    "configuration": "配置",
    "job": "任务",
    "file": "文件",
    "outbox": "消息",
    "audit": "审计日志",
    "masterdata.unit": "单位",
    "masterdata.value": "要素值",
    "masterdata.valueset": "值集",
    "masterdata.value_set": "值集",
    "masterdata.code_rule": "编码规则",
    "masterdata.relation": "要素关联",
    "masterdata.mapping": "新旧对照",
    "masterdata.year": "年度",
}
_ON_DRAFTS: Final = {
    "create": "录入",
    "edit": "修改",
    "discard": "删除草稿",
    "hand_over": "转办",
    "add_signer": "加签",
    "hang": "挂起",
    "resume": "解除挂起",
    "print": "打印",
    "export": "导出",
    "import": "导入",
}


# Where a target's own page is: the register, and where its address is the target itself.
_HOMES: Final = {
    "identity.session": "platform.login_session",
    "identity.change": "platform.rights_change",
    "identity.request": "platform.rights_request",
    "identity.delegation": "platform.delegation",
    "identity.review": "platform.review",
    "identity.token": "platform.api_token",
    "identity.application": "platform.application",
    "masterdata.valueset": "platform.value_set",
    "masterdata.value_set": "platform.value_set",
    "masterdata.unit": "platform.unit",
    "file": "platform.stored_file",
}
_LABELS: Final = {
    "state": "状态", "version": "版本", "amount": "金额", "opinion": "意见", "reason": "理由",
    "name": "名称", "code": "编码", "kind": "事项", "summary": "说明", "user": "用户",
    "username": "登录名", "user_id": "用户号", "id": "编号", "asked": "提交内容",
    "findings": "不能办理的原因", "count": "数量", "args": "参数", "title": "标题",
    "from": "从", "to": "到", "on": "日期", "why": "原因", "note": "备注", "agent": "浏览器",
    "method": "登录方式", "scopes": "权限", "expires_at": "到期时间", "size": "大小",
    "sha256": "摘要值", "header": "单据号", "appointment": "任职", "year": "年度",
    "topic": "主题", "consumer": "接收方", "key": "标识", "keys": "密钥", "new": "新值",
    "overlap": "旧密钥保留天数", "added": "新增", "changed": "修改", "stopped": "停用",
    "rows": "行数", "items": "项目", "division": "区划", "min_level": "最低级次",
    "required": "必填", "parent": "上级", "path": "路径", "number": "单号", "duty": "职责",
    "deputy": "受托人", "decision": "结论", "run": "任务号", "left_on": "离岗日期",
    "digest": "摘要值", "targets": "对象", "sources": "来源", "national_code": "国家目录",
    "application": "应用", "seal": "封存序号", "head": "链值", "address": "地址",
    "result": "结果", "register": "名录", "filters": "筛选", "who": "人员", "action": "操作",
    "target_type": "对象类型", "target": "对象", "since": "开始日期", "until": "结束日期",
    "consequence": "结果", "todo": "待办", "parent_code": "上级编码", "valid_from": "启用日期",
    "valid_to": "停用日期", "fiscal_year": "年度", "unit": "单位", "serial": "序号",
}  # fmt: skip
_PAIRS: Final = (("old", "new"), ("before", "after"))
_HIDDEN: Final = frozenset({"leaf"})
_SAID_MAX: Final = 300
BRIEF_MAX: Final = 160


def action(code: str) -> str:
    """The name of an action; a document's move by its label; else the code itself."""
    known = ACTIONS.get(code)
    if known is not None:
        return known
    type_code, _, name = code.rpartition(".")
    kind = find_type(type_code)
    if kind is None:
        register = find_register(type_code)
        command = register.command(name) if register is not None else None
        return f"{register.name}：{command.label}" if register and command else code
    move = kind.move(name)
    return move.label if move is not None else _ON_DRAFTS.get(name, name)


def target(code: str) -> str:
    kind = find_type(code) or find_register(code)
    return kind.name if kind is not None else TARGETS.get(code, code)


def home(target_type: str, target: str) -> str:
    """The address of what an action was done to; empty where it has no page."""
    if not target:
        return ""
    if find_type(target_type) is not None:
        return f"/d/{target_type}/{quote(target, safe='')}"
    if target_type == "job":
        code = "job_run" if target.isdigit() else "job_plan"
        return f"/r/platform.{code}/{quote(target, safe='')}"
    code = target_type if find_register(target_type) else _HOMES.get(target_type, "")
    return f"/r/{code}/{quote(target, safe='')}" if code else ""


def told(target_type: str, detail: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The detail in words: label, what was there before, what is there now."""
    labels = _labels(str(detail.get("kind", "")))
    found: list[tuple[str, str, str]] = []
    shown: set[str] = set()
    for before, after in _PAIRS:
        if before in detail and after in detail:
            shown |= {before, after}
            found += _changes(target_type, labels, detail[before], detail[after])
    if not shown and isinstance(detail.get("new"), Mapping):
        shown.add("new")
        found += _changes(target_type, labels, {}, detail["new"])
    for name, value in detail.items():
        if name in shown or name in _HIDDEN or value in ("", None, [], {}):
            continue
        if name == "asked" and isinstance(value, Mapping):
            found += [
                (labels.get(key) or str(key), "", _spelled(target_type, key, one))
                for key, one in value.items()
                if one not in ("", None, "None")
            ]
        else:
            found.append((labels.get(name, name), "", _spelled(target_type, name, value)))
    return found


def brief(target_type: str, detail: Mapping[str, Any]) -> str:
    """The same in one line, for lists."""
    said = "；".join(
        f"{label} {old} → {new}" if old else f"{label} {new}"
        for label, old, new in told(target_type, detail)
    )
    return said if len(said) <= BRIEF_MAX else said[: BRIEF_MAX - 1] + "…"


def _changes(
    target_type: str, labels: Mapping[str, str], old: Any, new: Any
) -> Iterator[tuple[str, str, str]]:
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        yield "内容", _spelled(target_type, "", old), _spelled(target_type, "", new)
        return
    for name in [*new, *(one for one in old if one not in new)]:
        before, after = old.get(name), new.get(name)
        if name in new and before != after:
            was = "" if before in (None, "", []) else _spelled(target_type, name, before)
            yield labels.get(name, name), was, _spelled(target_type, name, after) or "空"


def _labels(kind: str) -> dict[str, str]:
    known = KINDS.get(kind)
    of_kind = {name: label for name, (label, _) in known.fields.items()} if known else {}
    return _LABELS | APPLICATION | of_kind


def _spelled(target_type: str, name: str, value: Any) -> str:
    """One value, however deep."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        said = "，".join(
            f"{_LABELS.get(str(key), str(key))} {_spelled(target_type, str(key), one)}"
            for key, one in value.items()
            if one not in (None, "", [])
        )
        return said[:_SAID_MAX]
    if isinstance(value, list):
        return "、".join(_spelled(target_type, name, one) for one in value[:50])[:_SAID_MAX]
    return _word(target_type, name, str(value))[:_SAID_MAX]


def _word(target_type: str, name: str, value: str) -> str:
    """Codes by their names, where the name of the fact tells of what they are."""
    kind = find_type(target_type)
    if name == "state" and kind is not None and value in kind.states.values:
        return kind.state_label(value)
    if name == "kind" and value in KINDS:
        return KINDS[value].label
    if name in ("duty", "duties"):
        return name_of(value)
    if name == "code" and target_type == "job":
        task = find_task(value)
        return task.name if task is not None else value
    return value


def as_json(detail: Mapping[str, Any]) -> str:
    """As it is kept, for whoever wants to see that."""
    return json.dumps(detail, ensure_ascii=False) if detail else ""
