"""What editors of the agenda work with."""
