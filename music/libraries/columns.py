"""Finds out which column of a table has which role, by headings in many languages."""

from collections.abc import Sequence
from dataclasses import dataclass

from music.names.normalization import normalize_key

_HEADINGS = {
    "title": (
        "track name|song title|title|track|name|song|trackname|track title|titel"
        "|songtitel|titel des songs|titelname|titre"
        "|titre du titre|titre de la chanson|titre du morceau"
        "|nom du titre|titulo|titulo de la cancion|nombre de la cancion|nombre|cancion"
        "|titulo da musica|nome da faixa|faixa|musica|titolo|titolo del brano|nome|brano"
        "|titel van nummer|nummer|naam|tytul|tytul utworu|utwor|nazwa|название|название песни|трек"
        "|曲名|曲のタイトル|タイトル|歌名|标题|제목|노래 제목|låt|sangtitel"
    ),
    "artist": (
        "artist name s|artist name|artist name 1|artist|artists|artistname|artist names|interpret"
        "|interpreten|kunstler|kunstlername|name des kunstlers|name des interpreten 1"
        "|artiste|artistes|nom de l artiste|nom de lartiste|artista|artistas|nombre del artista"
        "|nombre de artista 1|nome do artista|nome dellartista|interprete|naam van artiest|artiest"
        "|wykonawca|artysta|nazwa wykonawcy|исполнитель|имя исполнителя|アーティスト|アーティスト名"
        "|アーティスト名 1|艺术家|歌手|아티스트|creator|sanatci"
    ),
    "video": (
        "video id|videoid|video url|youtube video id|youtube id|video|video kennung|id de la video"
        "|identifiant video|id de video|id do video|id del video|id video|video identificator"
        "|identyfikator filmu|идентификатор видео|動画 id|视频 id|동영상 id"
    ),
    "words": "song name",
    "song": "tunetrace song",
    "url": "url|link|location|uri|adresse|origin url",
    "time": (
        "added at|addeddate|added date|added|date added|time added|liked at"
        "|playlist video creation timestamp"
        "|tagtime|created at|timestamp|hinzugefugt am|date d ajout|data dodania"
        "|zeitstempel der erstellung des playlist videos"
    ),
}
ROLES = {name: role for role, names in _HEADINGS.items() for name in names.split("|")}


@dataclass(frozen=True, slots=True)
class Columns:
    """The place of each column that is read, by its role; others are never looked at."""

    places: dict[str, tuple[int, ...]]

    def pick(self, cells: Sequence[str], role: str) -> str:
        """Return the first cell of a role that is not empty."""
        found = (cells[place] for place in self.places.get(role, ()) if place < len(cells))
        return next((cell.strip() for cell in found if cell.strip()), "")

    @property
    def weight(self) -> int:
        """How sure it is that this is a heading: 0 for none, 1 for a title alone, 2 for more."""
        if "video" in self.places or {"title", "artist"} <= self.places.keys():
            return 2
        return int("title" in self.places)


def read_columns(cells: Sequence[str]) -> Columns:
    """Return the columns that ``cells`` name as headings; empty where they are no headings."""
    places: dict[str, tuple[int, ...]] = {}
    for place, cell in enumerate(cells):
        heading = cell.partition("#")[0].strip().lstrip("\ufeff")
        role = ROLES.get(normalize_key(heading))
        if role:
            places[role] = (*places.get(role, ()), place)
    if "song" not in places and "words" in places:
        # Only TuneTrace's own tables have the listener's words beside the title.
        places.setdefault("title", places.pop("words"))
    return Columns(places)
