"""Pages written by code as editors write them: published with a revision, translated in the translation editor."""
