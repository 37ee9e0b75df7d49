"""``runoff bench simulate`` beside runs that were really made, and at a size that was not; see ``measure``."""
