"""消息 messages: notices to people inside the platform, and by the channels they chose outside."""
