"""流程 workflow: moves in code, approval routes as data, to-do items, steps."""
