"""Five tiers of cache behind one small interface (``docs/caches.md``).

What the rest of TuneTrace calls, each in one line::

    from music.caching import keys, liked_songs, queries, responses, stack

    key = keys.suggestions_key(seeds=..., song_ids=..., taste=..., genres=..., limit=...,
                               adventurousness=..., source=..., index_version=..., listener_pk=...)
    answer = stack.suggestions.fetch(key, compute)      # tiers 1 and 2
    taste = liked_songs.fetch(listener.pk, load)        # tier 3
    on_commit(lambda: liked_songs.invalidate(listener.pk))
    answer = responses.fetch(keys.response_key("search", q=...), call)   # tier 4
    found = queries.fetch_many(normalised_queries)      # tier 5, a dict; missing means unknown
    queries.store_many([queries.CachedQuery(...)])

``compute`` returns a ``SuggestionList`` or any JSON value and ``fetch`` returns an equal one: never
change what you were given, others hold it too. Lists with ``unresolved`` songs or ``notices`` are
kept for a minute only. ``compute`` may run in another thread, to refresh a stale answer: it must
not use the request, and reads the database outside any unit of work.

Code that changes a listener's rows on another path (the replication relay) calls
``stack.invalidate_rows(table, rows)`` after its commit.
"""
