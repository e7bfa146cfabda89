"""The project package: it composes the applications and decides nothing."""
