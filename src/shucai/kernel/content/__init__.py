"""内容 content: articles that are read, and announcements that reach whom they are meant for."""
