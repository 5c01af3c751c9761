"""The spiders: one for feeds, one for pages."""
