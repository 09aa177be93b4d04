"""名录 registers of the domain; each file declares one kind of record, found by being there."""
