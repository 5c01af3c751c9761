"""One file per command: a plain function that takes typed arguments and returns a Result."""
