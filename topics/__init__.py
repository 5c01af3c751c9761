"""Pure: query language, word lists, matcher, score."""
