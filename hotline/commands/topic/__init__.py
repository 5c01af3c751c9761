"""`hotline topic …`: the tools of the one who tunes the topic."""
