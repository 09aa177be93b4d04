"""数据库连接 database: Django's PostgreSQL backend with connections that threads keep."""
