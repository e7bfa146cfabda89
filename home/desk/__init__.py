"""The editor's desk: what waits, what to do next, the guide. Screens of the admin."""
