"""Documentation; `python -m docs.regenerate` writes the parts that follow from the code."""
