"""What a poll costs: Hotline beside plain Scrapy with feedparser, and beside lemon24's reader."""
