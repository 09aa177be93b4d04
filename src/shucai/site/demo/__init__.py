"""演示城市 the demo city: planned purely from a seed and a size, then written by the real rooms."""
