"""Ways to a reader: mail, and what Apprise reaches. Each takes one message for one recipient."""
