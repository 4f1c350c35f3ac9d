"""Snapshots on disk: atomic, checked, and never half of one."""

import json

import numpy as np
import pytest

from music.recommender import (
    SnapshotCorrupt,
    SnapshotMissing,
    build_snapshot,
    current_version,
    load_snapshot,
    save_snapshot,
)
from music.recommender.interactions import interaction_matrix
from music.recommender.snapshot import fit_snapshot
from music.recommender.song_columns import arrange_songs, collect_documents

from .worlds import SONGS, make_document, make_interactions


def test_load_snapshot_empty_folder_is_missing(tmp_path):
    assert current_version(tmp_path) is None
    with pytest.raises(SnapshotMissing):
        load_snapshot(tmp_path)


def test_load_snapshot_gives_back_what_was_saved(small_world, tmp_path):
    save_snapshot(small_world, tmp_path)
    loaded = load_snapshot(tmp_path)
    assert current_version(tmp_path) == loaded.version == small_world.version
    assert loaded.genres == small_world.genres
    assert np.array_equal(loaded.neighbours.levels, small_world.neighbours.levels)
    assert not loaded.neighbours.levels.flags.writeable


def test_lists_written_to_files_are_the_same_and_are_not_copied(small_world, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    songs = arrange_songs(collect_documents(map(make_document, SONGS[::-1])))
    rows = {song_id.decode(): row for row, song_id in enumerate(songs.song_ids)}
    likes = interaction_matrix(make_interactions(), rows)
    mapped = fit_snapshot(songs, likes, scratch=scratch)
    assert mapped.version == small_world.version
    saved = save_snapshot(mapped, tmp_path)
    for name in ("indices", "levels"):
        file = saved / f"neighbours.{name}.npy"
        assert file.samefile(scratch / f"{name}.npy")
        (scratch / f"{name}.npy").unlink()
    assert load_snapshot(tmp_path).version == small_world.version


def test_save_snapshot_empty_catalogue(tmp_path):
    save_snapshot(build_snapshot([], []), tmp_path)
    assert load_snapshot(tmp_path).n_songs == 0


def test_save_snapshot_keeps_one_version_before(tmp_path):
    versions = []
    for n in range(1, 4):
        songs = [make_document(f"metal{k}") for k in range(n)]
        versions.append(save_snapshot(build_snapshot(songs, []), tmp_path).name)
    kept = sorted(path.name for path in tmp_path.iterdir() if path.is_dir())
    assert kept == sorted(versions[1:])
    assert current_version(tmp_path) == versions[2]


def test_save_snapshot_mends_a_damaged_copy_of_itself(small_world, tmp_path):
    folder = save_snapshot(small_world, tmp_path)
    (folder / "popular.npy").unlink()
    save_snapshot(small_world, tmp_path)
    assert load_snapshot(tmp_path).n_songs == small_world.n_songs


def test_save_snapshot_that_fails_leaves_the_old_one(small_world, tmp_path, monkeypatch):
    save_snapshot(small_world, tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="No space"):
        save_snapshot(build_snapshot([make_document("metal1")], []), tmp_path)
    assert load_snapshot(tmp_path).version == small_world.version
    assert len(list(tmp_path.iterdir())) == 2


def _flip_a_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def _set_format(path):
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 0}))


@pytest.mark.parametrize(
    ("name", "damage", "reason"),
    [
        ("neighbours.levels.npy", _flip_a_byte, "is not what was written"),
        ("song_ids.npy", lambda path: path.write_bytes(b""), "is not what was written"),
        ("facts.artist.npy", lambda path: path.unlink(), "cannot be read"),
        ("manifest.json", lambda path: path.write_text("{"), "cannot be read"),
        ("manifest.json", lambda path: path.write_text("[]"), "is not a manifest"),
        ("manifest.json", lambda path: path.unlink(), "cannot be read"),
        ("manifest.json", _set_format, "has format 0"),
        ("../CURRENT", lambda path: path.write_text("../.."), "names no version"),
        ("../CURRENT", lambda path: path.write_text("abc"), "cannot be read"),
    ],
)
def test_load_snapshot_damaged_is_corrupt(small_world, tmp_path, name, damage, reason):
    damage(save_snapshot(small_world, tmp_path) / name)
    with pytest.raises(SnapshotCorrupt, match=reason):
        load_snapshot(tmp_path)
