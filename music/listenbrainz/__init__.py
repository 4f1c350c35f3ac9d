"""ListenBrainz, and through it MusicBrainz: the only package that connects to them."""
