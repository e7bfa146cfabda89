"""Models of the centres' site: home, centres with their activities, news, standard pages, contact."""

from .centres import ActivityPage, CentreIndexPage, CentrePage
from .news import NewsIndexPage, NewsPage
from .pages import ContactPage, HomePage, StandardPage

__all__ = [
    "ActivityPage",
    "CentreIndexPage",
    "CentrePage",
    "ContactPage",
    "HomePage",
    "NewsIndexPage",
    "NewsPage",
    "StandardPage",
]
