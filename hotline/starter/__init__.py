"""The configuration that `hotline init` writes."""
