"""The corpus: what an incoming article is. Identity, version, copy, story — never destructively."""
