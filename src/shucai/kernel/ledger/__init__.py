"""台账 ledger: one control engine for every quota; an entry moves an amount between buckets."""
