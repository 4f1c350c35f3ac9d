"""Ranking: the candidates that pass the filters, ordered by score."""

from collections.abc import Mapping, Sequence

import numpy as np

from music.recommender.candidates import (
    DISMISSAL_WEIGHT,
    contributions,
    generate_candidates,
    seed_lists,
    shares_of_new_songs,
)
from music.recommender.documents import SongDocument
from music.recommender.explanations import Cause, causes
from music.recommender.facts import SongFacts, build_facts, join_facts
from music.recommender.filtering import of_genres
from music.recommender.listener_fit import rate_artists, rate_belonging
from music.recommender.pool import Pool, count_artists, find_first, largest, merged
from music.recommender.query import Query
from music.recommender.reranking import (
    Reranking,
    artist_limits,
    genre_limits,
    rerank,
    within_limits,
)
from music.recommender.snapshot import Snapshot

ADVENTURE_STRENGTH = 2.5
"""At either end of the scale a song's score changes by this power of e per unit of popularity."""

NEW_SHARE = 0.25
"""The share of the catalogue's best known songs that an unknown adventurous listener skips."""

_POPULAR_CHUNK = 256
_FIRST_LOOK = 2
_LOOK_FURTHER = 8


class Ranker:
    """The ranking of one request. Rows from ``snapshot.n_songs`` on are new songs."""

    def __init__(self, snapshot: Snapshot, query: Query) -> None:
        self._snapshot, self._query = snapshot, query
        liked, dismissed = merged(query.seeds), merged(query.dismissed)
        self.seed_ids = list(liked)
        self.seed_weights = np.array(list(liked.values()), np.float32)
        against = -DISMISSAL_WEIGHT * np.array(list(dismissed.values()), np.float32)
        self._signed_weights = np.concatenate([self.seed_weights, against])
        documents = {document.song_id: document for document in query.new_songs}
        self._set_new_songs(documents)
        known = self._seed_rows = snapshot.rows_of([*liked, *dismissed])
        self._lists = seed_lists(
            snapshot, [*liked, *dismissed], self._signed_weights, known, documents
        )
        self._candidates = generate_candidates(snapshot, self._lists)
        liked_rows = known[: len(liked)]
        self._seed_is_liked = liked_rows >= 0
        in_snapshot = liked_rows[self._seed_is_liked]
        self._seed_is_liked[liked_rows >= 0] = snapshot.facts.n_listeners[in_snapshot] > 0
        placed = self._placed(liked_rows, self.seed_ids)
        self._known_seeds = np.flatnonzero(placed >= 0)
        liked_rows = self._liked_rows = placed[self._known_seeds]
        placed = self._placed(known[len(liked) :], list(dismissed))
        dismissed_rows = placed[placed >= 0]
        self._liked_facts = self._facts(liked_rows)
        self._dismissed_artists = count_artists(
            self._facts(dismissed_rows).artist, np.array(list(dismissed.values()))[placed >= 0]
        )
        is_free = query.reranking.balance > 0.0 and not query.genres
        self.genre_limits = genre_limits(self._liked_facts.genre, query.n) if is_free else {}
        excluded = self._rows(list(query.excluded))
        self._is_excluded = np.zeros(snapshot.n_songs + len(self._new), bool)
        self._is_excluded[np.concatenate([liked_rows, dismissed_rows, excluded])] = True

    def _set_new_songs(self, documents: Mapping[str, SongDocument]) -> None:
        """Keep those that the snapshot does not know, with their facts."""
        self._genres = self._snapshot.genres
        held = self._snapshot.rows_of(list(documents)).tolist()
        self._new = [d for d, row in zip(documents.values(), held, strict=True) if row < 0]
        if self._new:
            self._new_facts, self._genres = build_facts(
                self._new, np.zeros(len(self._new)), self._snapshot.genres
            )

    def best(self, size: int, per_song: int | None = None) -> Pool:
        """Return the ``size`` best songs that pass every filter; ``per_song`` bounds each genre."""
        rows, raw = self.scored()
        model = raw * self._familiarity(rows)
        looked_at = _FIRST_LOOK * size
        while True:
            order = largest(model, rows, looked_at)
            scores = np.zeros_like(model)
            scores[order] = model[order] * self._belonging(rows[order])
            order = order[np.lexsort((rows[order], -scores[order]))]
            passing = order[self._passes(rows[order])]
            if per_song and self.genre_limits:
                passing = self._useful_first(passing, rows, per_song)
            chosen = find_first(passing, lambda places: self._allowed(rows[places]), size)
            if chosen.size >= size or order.size < looked_at:
                left = (scores[chosen] / raw[chosen]).astype(np.float32)
                return self._pool(rows[chosen], scores[chosen], raw[chosen], left)
            looked_at *= _LOOK_FURTHER

    def explain(self, chosen: Pool) -> list[tuple[Cause, ...]]:
        """Return which seeds caused each of the ``chosen`` songs, and how."""
        n_songs = self._snapshot.n_songs

        def count_together(song: int, seed: int) -> int:
            pair = int(chosen.rows[song]), int(self._liked_rows[seed])
            return self._snapshot.likers.count_common(*pair) if max(pair) < n_songs else 0

        # Unknown seeds contributed nothing.
        ids = [self.seed_ids[seed] for seed in self._known_seeds.tolist()]
        shares = chosen.shares[:, self._known_seeds]
        loved = self._query.loved
        return causes(shares, ids, chosen.facts, self._liked_facts, count_together, loved)

    def usable(self, rows: np.ndarray) -> np.ndarray:
        """Return positions of those of ``rows`` that pass every filter and may be suggested."""
        passing = np.flatnonzero(self._passes(rows))
        return passing[self._allowed(rows[passing])]

    def preferred(self, song_ids: Sequence[str]) -> np.ndarray | None:
        """Return which of ``song_ids`` come first, a bool array; None where none is preferred."""
        if self._query.preferred is None or not song_ids:
            return None
        first = set(self._query.preferred(song_ids))
        return np.array([song_id in first for song_id in song_ids], bool)

    def artist_limits(self, policy: Reranking) -> dict[int, int]:
        """Return the limits of artists, in which dismissed songs of an artist keep their place."""
        limits = artist_limits(self._liked_facts.artist, self._query.n, policy)
        if policy.per_artist is not None:
            for artist, n_dismissed in self._dismissed_artists.items():
                limit = limits.get(artist, policy.per_artist)
                limits[artist] = max(limit - round(n_dismissed), 1)
        return limits

    def popular(self, chosen: Pool, wanted: int, policy: Reranking) -> list[tuple[str, float]]:
        """Return up to ``wanted`` allowed songs that suit ``chosen``, the most popular first."""
        found: list[tuple[str, float]] = []
        taken = chosen.rows
        for start in range(0, self._snapshot.popular.size, _POPULAR_CHUNK):
            rows = self._best_known(start, start + _POPULAR_CHUNK)
            rows = rows[self._passes(rows) & ~np.isin(rows, taken)]
            rows = rows[self._allowed(rows)]
            first = self.preferred(self._ids(rows))
            if first is not None:
                rows = np.concatenate([rows[first], rows[~first]])
            rows = self._compatible(taken, rows, wanted - len(found), policy)
            found += zip(self._ids(rows), self._facts(rows).popularity.tolist(), strict=True)
            taken = np.concatenate([taken, rows])
            if len(found) >= wanted:
                break
        return found

    def _best_known(self, first: int, last: int) -> np.ndarray:
        """Return rows by popularity; for the adventurous and unknown the best known come last."""
        lean = max(self._query.adventurousness - 0.5, 0.0) if not self.seed_ids else 0.0
        popular = self._snapshot.popular
        skipped = int(2.0 * lean * NEW_SHARE * popular.size)
        places = (np.arange(first, min(last, popular.size)) + skipped) % popular.size
        return popular[places].astype(np.int64)

    def _compatible(
        self, taken: np.ndarray, rows: np.ndarray, wanted: int, policy: Reranking
    ) -> np.ndarray:
        """Return those of ``rows`` that re-ranking would still add to the list ``taken``."""
        both = np.concatenate([taken, rows])
        scores = np.arange(both.size, 0, -1, dtype=np.float32)
        order = rerank(
            scores,
            np.zeros((both.size, 0), np.float32),
            np.zeros(0, np.float32),
            self._facts(both),
            taken.size + wanted,
            policy,
            self.artist_limits(policy),
        )
        return both[order[order >= taken.size]]

    def _belonging(self, rows: np.ndarray) -> np.ndarray:
        """Return the factors of the scores of ``rows`` by taste and dismissals."""
        facts, likes = self._facts(rows), self._liked_facts
        return rate_belonging(facts, likes) * rate_artists(facts, likes, self._dismissed_artists)

    def _useful_first(self, passing: np.ndarray, rows: np.ndarray, per_song: int) -> np.ndarray:
        """Return ``passing`` (positions in ``rows``), those of genres with enough songs last."""
        genres = self._facts(rows[passing]).genre
        within = within_limits(genres, self.genre_limits, per_song)
        return np.concatenate([passing[within], passing[~within]])

    def scored(self) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and scores of all candidates, new songs after the others."""
        self._new_shares = shares_of_new_songs(
            self._snapshot, self._new, self._seed_rows, self._signed_weights
        )
        if not self._new:
            return self._candidates.rows, self._candidates.scores
        new_rows = self._snapshot.n_songs + np.arange(len(self._new))
        rows = np.concatenate([self._candidates.rows.astype(np.int64), new_rows])
        return rows, np.concatenate([self._candidates.scores, self._new_shares.sum(axis=1)])

    def _passes(self, rows: np.ndarray) -> np.ndarray:
        facts = self._facts(rows)
        passing = of_genres(facts, self._query.genres, self._genres)
        passing &= self._query.song_filter.passes(facts)
        return passing & ~self._is_excluded[rows]

    def _familiarity(self, rows: np.ndarray) -> np.ndarray:
        lean = 0.5 - self._query.adventurousness
        if lean == 0.0:
            return np.ones(rows.size, np.float32)
        popularity = self._facts(rows).popularity
        return np.exp(2.0 * ADVENTURE_STRENGTH * lean * popularity).astype(np.float32)

    def _allowed(self, rows: np.ndarray) -> np.ndarray:
        if self._query.allowed is None:
            return np.ones(rows.size, bool)
        ids = self._ids(rows)
        welcome = set(self._query.allowed(ids)) if ids else set()
        return np.array([song_id in welcome for song_id in ids], bool)

    def _pool(
        self, rows: np.ndarray, scores: np.ndarray, raw: np.ndarray, left: np.ndarray
    ) -> Pool:
        n_songs, n_seeds = self._snapshot.n_songs, self._signed_weights.size
        known = rows < n_songs
        shares = np.empty((rows.size, n_seeds), np.float32)
        shares[known] = contributions(
            self._snapshot, self._candidates, self._lists, rows[known], n_seeds
        )
        shares[~known] = self._new_shares[rows[~known] - n_songs]
        shares = shares[:, : len(self.seed_ids)] * left[:, None]
        facts = self._facts(rows)
        return Pool(
            rows=rows,
            song_ids=self._ids(rows),
            scores=scores,
            raw_scores=raw,
            shares=shares,
            collaborative=(facts.n_listeners > 0) & self._by_liked_seed(shares),
            facts=facts,
        )

    def _by_liked_seed(self, shares: np.ndarray) -> np.ndarray:
        """Return whether the strongest seed of each row is a song with likes in the snapshot."""
        if not self.seed_ids:
            return np.zeros(shares.shape[0], bool)
        return self._seed_is_liked[np.argmax(shares, axis=1)]

    def _facts(self, rows: np.ndarray) -> SongFacts:
        n_songs = self._snapshot.n_songs
        new = rows >= n_songs
        if not self._new:
            return self._snapshot.facts.take(rows)
        known = self._snapshot.facts.take(rows[~new])
        return join_facts([known, self._new_facts.take(rows[new] - n_songs)]).take(
            np.argsort(np.argsort(new, kind="stable"), kind="stable")
        )

    def _ids(self, rows: np.ndarray) -> list[str]:
        if not self._new:
            return self._snapshot.ids_of(rows)
        n_songs = self._snapshot.n_songs
        ids = iter(self._snapshot.ids_of(rows[rows < n_songs]))
        return [
            self._new[row - n_songs].song_id if row >= n_songs else next(ids)
            for row in rows.tolist()
        ]

    def _rows(self, song_ids: Sequence[str]) -> np.ndarray:
        """Return the rows of ``song_ids``, leaving out unknown songs."""
        return self._with_new(self._snapshot.rows_of(song_ids), song_ids)

    def _with_new(self, known: np.ndarray, song_ids: Sequence[str]) -> np.ndarray:
        """Return ``known`` rows, with those of new songs in place of -1, without unknown songs."""
        placed = self._placed(known, song_ids)
        return placed[placed >= 0]

    def _placed(self, known: np.ndarray, song_ids: Sequence[str]) -> np.ndarray:
        """Return ``known`` rows, with those of new songs in place of -1 where the song is one."""
        if not self._new:
            return known
        new_row = {d.song_id: self._snapshot.n_songs + i for i, d in enumerate(self._new)}
        rows = [
            new_row.get(song_id, -1) if row < 0 else row
            for song_id, row in zip(song_ids, known.tolist(), strict=True)
        ]
        return np.array(rows, np.int64)
