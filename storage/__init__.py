"""Tables, unit of work, the corpus (identity, copies, stories), search."""
