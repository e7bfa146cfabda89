"""The page editor's form of a position: what an editor places is theirs, and what depends on an old address goes."""

from typing import Any

from portal.core.enums import PositionPrecision, PositionSource
from portal.core.sourced import SourcedPageForm

ADDRESS = frozenset({"address", "postcode", "municipality"})
POINT = frozenset({"latitude", "longitude"})


class PositionForm(SourcedPageForm):
    """Keeps precision and source of a position in step with what was typed, also without JavaScript."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        changed = set(self.changed_data)
        has_point = cleaned.get("latitude") is not None and cleaned.get("longitude") is not None
        if changed & POINT and has_point:
            if "position_source" not in changed:
                cleaned["position_source"] = PositionSource.EDITOR
            if "position_precision" not in changed or not cleaned.get("position_precision"):
                cleaned["position_precision"] = PositionPrecision.HOUSE_NUMBER
            self.instance.position_score = None
        elif changed & POINT:
            cleaned["position_source"] = cleaned["position_precision"] = ""
            self.instance.position_score = None
        elif changed & ADDRESS and cleaned.get("position_source") == PositionSource.DIRECTORY:
            # The directory's point belongs to the address before: the new one is looked up.
            cleaned["position_source"] = PositionSource.GEOCODER
            self.instance.position_score = None
        return cleaned
