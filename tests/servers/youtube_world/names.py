"""Made-up names of artists and songs; some titles are shared by many artists, as in life."""

import random

_FIRST = (
    "ka lo mi ra sen tor vi dan el bru na jo pa qui ze fa mar ste ne wil hu gre o sa tim ri bo lu"
).split()
_LAST = "ren dal vik mos ley ton ska ria nen bury feld son ova mond ghi dez wan lin kov ssi".split()
_ADJECTIVES = (
    "Silver Broken Electric Velvet Golden Hollow Crimson Lonely Midnight Paper Frozen Neon Wild "
    "Gentle Burning Distant Empty Sacred Stolen Restless Plastic Faded Secret Northern Shallow "
    "Savage Tender Bitter Violet Rusty Quiet Endless Lucky Hungry Invisible Marble Naked Rolling"
).split()
_NOUNS = (
    "Rivers Hearts Tigers Mirrors Engines Shadows Lovers Wolves Gardens Satellites Roses Machines "
    "Strangers Diamonds Oceans Saints Echoes Horses Arrows Radios Ghosts Bridges Summers Thunder "
    "Windows Letters Fires Angels Highways Dreams Pilots Sparrows Castles Rain Gold Sugar Smoke "
    "Morning Winter Honey Silence Gravity Dust Moonlight Sunday Fever Paradise Avenue Harbor Bones"
).split()
_VERBS = (
    "Follow Forget Break Hold Call Leave Find Remember Chase Burn Save Lose Paint Steal Carry Wake"
).split()
_SHARED = (
    "Home Stay Hello Closer Alive Heaven Runaway Tonight Forever Lost Falling Crazy Dream Angel "
    "Higher Breathe Free Shine Again Believe"
).split()


def draw_artist_names(rng: random.Random, n: int) -> list[str]:
    """``n`` different names: bands, people, and single words."""
    names: dict[str, None] = {}
    while len(names) < n:
        names[_draw_artist_name(rng)] = None
    return list(names)


def draw_song_title(rng: random.Random) -> str:
    """A title of one to five words; one in twenty is a word that many artists use."""
    shape = rng.random()
    noun, other = rng.sample(_NOUNS, 2)
    if shape < 0.05:
        return rng.choice(_SHARED)
    if shape < 0.35:
        return f"{rng.choice(_ADJECTIVES)} {noun}"
    if shape < 0.55:
        return f"{rng.choice(_VERBS)} the {noun}"
    if shape < 0.75:
        return f"{noun} and {other}"
    if shape < 0.9:
        return f"{rng.choice(_VERBS)} My {rng.choice(_ADJECTIVES)} {noun}"
    return f"Don't {rng.choice(_VERBS)} {noun}"


def _draw_artist_name(rng: random.Random) -> str:
    shape = rng.random()
    if shape < 0.3:
        return f"The {rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)}"
    if shape < 0.75:
        return f"{_draw_word(rng, 2)} {_draw_word(rng, 3)}"
    if shape < 0.9:
        return _draw_word(rng, 3)
    return f"{_draw_word(rng, 2)} & {rng.choice(_NOUNS)}"


def _draw_word(rng: random.Random, n_parts: int) -> str:
    parts = [rng.choice(_FIRST) for _ in range(n_parts - 1)] + [rng.choice(_LAST)]
    return "".join(parts).capitalize()
