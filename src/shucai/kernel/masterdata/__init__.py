"""主数据 master data: divisions, units, budget elements and the rules between them, by year."""
