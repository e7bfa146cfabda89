"""Models of the directory: structures with their services and drop-in sessions, resources."""

from .duplicates import DuplicateVerdict
from .imports import ImportedRecord, ImportMapping, ImportRun
from .positions import PositionCheck
from .resources import ResourceIndexPage, ResourcePage, ResourceTag
from .rows import Permanence, Service
from .structures import DirectoryIndexPage, StructurePage, StructureTag

__all__ = [
    "DirectoryIndexPage",
    "DuplicateVerdict",
    "ImportMapping",
    "ImportRun",
    "ImportedRecord",
    "Permanence",
    "PositionCheck",
    "ResourceIndexPage",
    "ResourcePage",
    "ResourceTag",
    "Service",
    "StructurePage",
    "StructureTag",
]
