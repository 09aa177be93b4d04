"""报表 report: named datasets and summaries."""
