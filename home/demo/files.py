"""Pictures and leaflets of the demonstration: each file once on the disk, each row once in the database.

A file is written under a name of its own before its row: a run that is interrupted between the two leaves a file
without a row, which the next run writes again under the same name. A row whose file has gone gets it back.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha1
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from wagtail.documents.models import Document

from portal.images.models import PortalImage

from .drawings import DRAWING_SIZE, MOTIFS, SHARE_SIZE, draw, draw_share_picture
from .records import FOLDER, records
from .scenes import SCENES, draw_scene
from .tally import Tally

CREDIT = "La Boussole"
LICENCE = "CC0"
SHARE = "partage"
#: What one sees on each picture.
SEEN = {
    "cloud": "Un nuage blanc sur un papier vert",
    "key": "Une clé sombre sur un papier jaune",
    "envelope": "Une enveloppe verte sur un papier rose",
    "mouse": "Une souris d’ordinateur sombre sur un papier rose",
    "screen": "Un écran d’ordinateur sombre sur un papier jaune",
    "phone": "Un téléphone blanc sur un papier vert",
    "lock": "Un cadenas fermé sur un papier orange",
    "tree": "Un arbre vert sur un papier jaune",
    "house": "Une maison orange sur un papier sombre",
    "bird": "Un oiseau en vol sur un papier orange",
    "sun": "Un soleil jaune sur un papier vert",
    "hand": "Une main verte sur un papier rose",
    "book": "Un livre ouvert sur un papier sombre",
    "fish": "Un poisson orange sur un papier vert",
    "flower": "Une fleur rose sur un papier sombre",
    SHARE: "Des papiers découpés : une feuille, un soleil, un oiseau, une main",
}


# --- Pictures --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Picture:
    """A picture to make: its name, what one sees on it, how it is drawn (WebP), its size in pixels."""

    name: str
    seen: str
    draw: Callable[[], bytes]
    size: tuple[int, int] = DRAWING_SIZE


def pictures() -> Iterator[Picture]:
    """The drawings of the words, the places of the centres, the picture for shares."""
    for motif in MOTIFS:
        yield Picture(motif, SEEN[motif], partial(draw, motif))
    for number, centre in enumerate(records("centre", "centres")):
        for scene in centre["photos"]:
            seen = SCENES[scene][1]
            yield Picture(scene_name(centre["slug"], scene), seen, partial(draw_scene, scene, number))
    yield Picture(SHARE, SEEN[SHARE], draw_share_picture, SHARE_SIZE)


def picture_path(name: str) -> str:
    """Where the file of a picture is kept: how a picture of the demonstration is known."""
    return f"original_images/demo-{name}.webp"


def scene_name(centre: str, scene: str) -> str:
    """The name of the picture of a place of a centre, by the slug of the centre and the code of the scene."""
    return f"lieu-{centre}-{scene}"


def drawing(name: str) -> PortalImage:
    """The picture of this name, which ``load_pictures`` has made."""
    image: PortalImage = PortalImage.objects.get(file=picture_path(name))
    return image


def share_picture() -> PortalImage:
    return drawing(SHARE)


def load_pictures(*, dry_run: bool) -> Tally:
    tally = Tally()
    storage: Storage = PortalImage._meta.get_field("file").storage
    for picture in pictures():
        path = picture_path(picture.name)
        is_known = PortalImage.objects.filter(file=path).exists()
        if is_known and storage.exists(path):
            tally.kept += 1
            continue
        tally.created += 1
        if dry_run:
            continue
        content = picture.draw()
        write_file(storage, path, content)
        if not is_known:
            width, height = picture.size
            PortalImage.objects.create(
                title=f"Papier découpé : {picture.seen}",
                description=picture.seen,
                credit=CREDIT,
                licence=LICENCE,
                file=path,
                width=width,
                height=height,
                file_size=len(content),
                file_hash=sha1(content, usedforsecurity=False).hexdigest(),
            )
    return tally


# --- Leaflets --------------------------------------------------------------------------------------------------------
def leaflet_path(file: str) -> str:
    return f"documents/demo-{file}"


def leaflet(file: str) -> Document:
    """The document of a leaflet, which ``load_leaflets`` has made."""
    document: Document = Document.objects.get(file=leaflet_path(file))
    return document


def load_leaflets(*, dry_run: bool) -> Tally:
    tally = Tally()
    for record in records("resource", "resources"):
        if not record.get("file"):
            continue
        path = leaflet_path(record["file"])
        storage: Storage = Document._meta.get_field("file").storage
        is_known = Document.objects.filter(file=path).exists()
        if is_known and storage.exists(path):
            tally.kept += 1
            continue
        tally.created += 1
        if dry_run:
            continue
        content = (FOLDER / "files" / Path(record["file"]).name).read_bytes()
        write_file(storage, path, content)
        if not is_known:
            Document.objects.create(
                title=record["title"],
                file=path,
                file_size=len(content),
                file_hash=sha1(content, usedforsecurity=False).hexdigest(),
            )
    return tally


def write_file(storage: Storage, path: str, content: bytes) -> None:
    """Writes a file under exactly this name, over what is there."""
    storage.delete(path)
    storage.save(path, ContentFile(content))
