"""Measurements, each run as `python -m benchmarks.NAME`. None of them is a test."""
