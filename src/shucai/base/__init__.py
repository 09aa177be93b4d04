"""Plain Python, no Django: money, fiscal year, period, codes, formula language, errors."""
