"""The pages as jinja templates and a style sheet; everything they show is escaped."""
