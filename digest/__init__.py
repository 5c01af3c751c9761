"""From stories to readers: choose, compose, render, outbox, channels."""
