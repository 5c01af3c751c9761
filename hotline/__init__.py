"""The application: configuration, command line, wiring, demo newsroom. The top floor."""

__version__ = "0.1.0"
