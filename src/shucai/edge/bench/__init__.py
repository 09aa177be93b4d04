"""性能测量 bench: ratios against a yardstick on the same server, in the same run."""
