"""A made-up newsroom on loopback, on which everything can be tried without a network."""
