"""页面 pages: menus, lists, forms and workbenches, declared and never rendered here."""
