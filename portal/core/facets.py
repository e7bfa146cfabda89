"""Filters with the number of results that each value would give, for lists that are short enough to stay in memory.

A set of items is one whole number: its bit *n* says whether the *n*-th item of the list is in it. Ten thousand items
take 1,250 bytes and a microsecond to intersect and to count, so that all the values of all the filters can be counted
for each request, without a query. What is indexed is read once for each version of the contents
(:func:`portal.core.versions.remembered`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

#: A set of positions in a list.
Bits = int


def bits_of(positions: Iterable[int], size: int) -> Bits:
    """The set of some positions below ``size``; others raise ``IndexError``."""
    held = bytearray(size // 8 + 1)
    for position in positions:
        held[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(held, "little")


def positions_of(bits: Bits) -> list[int]:
    """The positions of a set, in order."""
    return [position for position, digit in enumerate(reversed(f"{bits:b}")) if digit == "1"]


def ages_suiting(ages: Mapping[tuple[int | None, int | None], Bits], months: int) -> Bits:
    """The items that suit an age, from sets by lowest and highest age in months; an item without ages suits all."""
    suited = 0
    for (youngest, oldest), bits in ages.items():
        if (youngest is None or youngest <= months) and (oldest is None or months <= oldest):
            suited |= bits
    return suited


@dataclass(frozen=True)
class Weights:
    """How much each item counts: an event counts as many times as it has dates.

    Set *k* of ``planes`` holds the items whose number has the bit *k*: sums take a few intersections.
    """

    planes: tuple[Bits, ...]

    @classmethod
    def of(cls, numbers: Sequence[int]) -> "Weights":
        """From the number of each item, in the order of the items."""
        size, highest = len(numbers), max(numbers, default=0)
        return cls(
            tuple(
                bits_of((position for position, number in enumerate(numbers) if number >> plane & 1), size)
                for plane in range(highest.bit_length())
            )
        )

    @property
    def heavy(self) -> Bits:
        """The items that count at least once."""
        bits = 0
        for plane in self.planes:
            bits |= plane
        return bits

    def of_set(self, bits: Bits) -> int:
        return sum((bits & plane).bit_count() << power for power, plane in enumerate(self.planes))


class Collected:
    """Sets that are being gathered: which items have which value of a filter."""

    def __init__(self) -> None:
        self._positions: dict[str, dict[str, list[int]]] = {}

    def add(self, name: str, value: str, position: int) -> None:
        if value:
            self._positions.setdefault(name, {}).setdefault(value, []).append(position)

    def finished(self, size: int) -> dict[str, dict[str, Bits]]:
        """By filter, then by value."""
        return {
            name: {value: bits_of(positions, size) for value, positions in values.items()}
            for name, values in self._positions.items()
        }


@dataclass
class Selection:
    """What a reader chose, as one set for each filter in use.

    ``values`` holds the sets of each value of each filter that counts are asked for. A filter of ``joint`` narrows with
    each value more (“with a ramp” *and* “free”); others widen (“Roubaix” *or* “Tourcoing”).
    """

    everything: Bits
    values: dict[str, dict[str, Bits]]
    joint: frozenset[str] = frozenset()
    #: Without weights each item counts once.
    weights: Weights | None = None
    chosen: dict[str, Bits] = field(default_factory=dict)

    def choose(self, name: str, codes: Iterable[str]) -> None:
        """Narrows to the items that have the values; nothing for none."""
        sets = [self.values.get(name, {}).get(code, 0) for code in codes]
        if not sets:
            return
        bits = self.everything if name in self.joint else 0
        for one in sets:
            bits = bits & one if name in self.joint else bits | one
        self.narrow(name, bits)

    def narrow(self, name: str, bits: Bits) -> None:
        """Narrows to a set that no list of values gives: an age, words, a distance."""
        self.chosen[name] = self.chosen.get(name, self.everything) & bits

    def found(self, without: str = "") -> Bits:
        """What is left, all filters applied but one."""
        bits = self.everything
        for name, chosen in self.chosen.items():
            if name != without:
                bits &= chosen
        return bits

    def measure(self, bits: Bits) -> int:
        """What the items of a set count for."""
        return bits.bit_count() if self.weights is None else self.weights.of_set(bits)

    def counts(self, name: str) -> dict[str, int]:
        """By value of a filter: how many results it gives, the other filters kept.

        For a joint filter what is chosen in it stays chosen; for others the value stands alone.
        """
        kept = self.found(without="" if name in self.joint else name)
        return {code: self.measure(bits & kept) for code, bits in self.values.get(name, {}).items()}
