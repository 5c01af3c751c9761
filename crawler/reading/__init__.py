"""Bytes in, entries and page texts out: decode, parse, delta, dates, extraction, discovery, OPML."""
