"""The application: configuration, command line, wiring, demo newsroom. The top floor."""
