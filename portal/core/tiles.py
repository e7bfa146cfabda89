"""Where the images of a map come from: a site of somebody else, which a policy must name to let it be asked."""

from urllib.parse import urlsplit


def tiles_origin(url: str) -> str:
    """The source of a tiles' address for a policy (``https://*.tile.example.org``); empty for the portal's own host."""
    parts = urlsplit(url)
    if not parts.netloc:
        return ""
    labels = parts.netloc.split(".")
    varying = [place for place, label in enumerate(labels) if "{" in label]
    host = ".".join(["*", *labels[varying[-1] + 1 :]]) if varying else parts.netloc
    return f"{parts.scheme or 'https'}://{host}"
