"""A Scrapy project: polls feeds, reads pages, extracts."""
