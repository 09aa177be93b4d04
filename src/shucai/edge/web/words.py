"""操作名 words of the trail: what an action and a target are called, for people."""

from typing import Final

from shucai.kernel.document.declare import find_type

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
    "job.start": "启动任务",
    "job.retry": "重新执行任务",
    "job.cancel": "取消任务",
    "file.download": "下载文件",
    "file.remove": "移除文件",
    "outbox.redrive": "重新投递消息",
    "audit.export": "导出审计日志",
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


def action(code: str) -> str:
    """The name of an action; a document's move by its label; else the code itself."""
    known = ACTIONS.get(code)
    if known is not None:
        return known
    type_code, _, name = code.rpartition(".")
    kind = find_type(type_code)
    if kind is None:
        return code
    move = kind.move(name)
    return move.label if move is not None else _ON_DRAFTS.get(name, name)


def target(code: str) -> str:
    kind = find_type(code)
    return kind.name if kind is not None else TARGETS.get(code, code)
