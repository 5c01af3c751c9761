"""Instant alerts: per story, not per article, and no more of them than a person can bear."""
