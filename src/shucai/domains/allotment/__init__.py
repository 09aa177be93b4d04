"""指标 allotment: the budget as money that units may spend.

A grant (指标下达) opens an allotment account for each line and fills it; everything spent
later draws on these accounts. Balances live in the ledger, never here.
"""
