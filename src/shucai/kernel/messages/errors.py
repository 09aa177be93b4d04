"""消息的拒绝 refusals of the messages room."""

from shucai.base.errors import Problem

NOT_FOUND = Problem(
    code="MSG-1001",
    what="找不到通知 {id}",
    why="没有这条通知，或它不是发给您的",
    fix="请刷新通知列表后再试",
)
