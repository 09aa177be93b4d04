"""名录页 register pages: one list, one page and one command form for every declared register."""
