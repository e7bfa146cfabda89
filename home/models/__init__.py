"""Models of the centres' site: home, centres with their activities, news, standard pages, contact."""

from .centres import ActivityPage, CentreIndexPage, CentrePage
from .news import NewsIndexPage, NewsPage
from .pages import ContactPage, HomePage, StandardPage
from .photos import CentrePhoto

__all__ = [
    "ActivityPage",
    "CentreIndexPage",
    "CentrePage",
    "CentrePhoto",
    "ContactPage",
    "HomePage",
    "NewsIndexPage",
    "NewsPage",
    "StandardPage",
]
