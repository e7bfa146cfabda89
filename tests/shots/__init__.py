"""Pictures of the running portal, each set redone by one command."""
