"""Word lists: what a topic calls Russia, America, sanctions. Shipped ones lie beside this file as YAML."""

from topics.lists.read import ListError, WordList, read_lists, shipped_lists

__all__ = ["ListError", "WordList", "read_lists", "shipped_lists"]
