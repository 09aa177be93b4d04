"""布局编辑 layout editors: a variant as controls, what was typed as a variant, and its preview."""
