"""The clock: what is due, on one machine or on many."""
