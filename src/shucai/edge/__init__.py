"""One engine per channel; renders whatever is declared."""
