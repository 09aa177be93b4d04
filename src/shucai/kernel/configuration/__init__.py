"""配置室 configuration: what is edited as a draft, published by a second person, never changed."""
