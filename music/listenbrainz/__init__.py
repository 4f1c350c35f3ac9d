"""ListenBrainz, and through it MusicBrainz: the only package that speaks with them."""
