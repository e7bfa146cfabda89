"""Models of the directory: structures with their services and drop-in sessions, resources."""

from .imports import ImportedRecord, ImportMapping, ImportRun
from .resources import ResourceIndexPage, ResourcePage, ResourceTag
from .rows import Permanence, Service
from .structures import DirectoryIndexPage, StructurePage, StructureTag

__all__ = [
    "DirectoryIndexPage",
    "ImportMapping",
    "ImportRun",
    "ImportedRecord",
    "Permanence",
    "ResourceIndexPage",
    "ResourcePage",
    "ResourceTag",
    "Service",
    "StructurePage",
    "StructureTag",
]
