"""Settings: ``base`` for all; ``dev``, ``demo``, ``test``, ``production`` for each use."""
