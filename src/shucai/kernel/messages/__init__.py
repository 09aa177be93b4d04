"""消息 messages: notices to people inside the platform, read or unread."""
