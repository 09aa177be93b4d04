"""视图 views: one module per kind of page; each declares its addresses with `@endpoint`."""
