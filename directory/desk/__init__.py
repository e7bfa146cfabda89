"""Screens of the admin for the directory: duplicates."""
