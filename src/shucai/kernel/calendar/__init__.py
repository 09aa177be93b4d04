"""日历 calendar: fiscal years and periods, and whether they may be written to."""
