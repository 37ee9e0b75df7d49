"""The model layer: vendors' rules, endpoints that misbehave, a strong model's answers, the embedded server's speed."""
