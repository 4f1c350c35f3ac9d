"""Command: score the recommender offline, next to simple baselines."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from music.recommender import offline_scoring
from music.recommender.listening_files import (
    BadListeningFolder,
    ListeningSet,
    read_listening_folder,
)
from tunetrace_site.command_line import show_progress

_METRICS = [f"{name}@{k}" for k in (10, 20) for name in ("recall", "ndcg", "hitrate", "coverage")]


class Command(BaseCommand):
    help = (
        "Score the serving code on a folder with train.txt, test.txt and perhaps valid.txt and "
        "items.csv. 'tunetrace' is the list as served, 'tunetrace-ranking' that before re-ranking."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--format", choices=["table", "json"], default="table")
        parser.add_argument(
            "--target",
            choices=["test", "valid"],
            default="test",
            help="What to find again: tune on valid, look at test once.",
        )
        parser.add_argument(
            "--without-text", action="store_true", help="As if items.csv were not there."
        )
        parser.add_argument(
            "--slices",
            action="store_true",
            help="Also the cold slices: 1, 3, 5 likes, new songs, 1%%, 10%%, 50%% of listeners.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._score_folder(**options)
        except KeyboardInterrupt:
            raise CommandError("Stopped before the end: there are no figures.") from None

    def _score_folder(self, **options: Any) -> None:
        data = _read(options["folder"], options["without_text"])
        target = data.test if options["target"] == "test" else data.valid
        if not target:
            raise CommandError(f"{options['folder']} has no {options['target']}.txt")
        tasks = {"": offline_scoring.whole_task(data, target)}
        if options["slices"]:
            tasks |= offline_scoring.cold_tasks(data, target)
        results = {name: self._score(name, task) for name, task in tasks.items()}
        if options["format"] == "json":
            self.stdout.write(json.dumps(results.pop("") | results, indent=2))
            return
        for name, figures in results.items():
            self.stdout.write(_table(name or "all likes", figures))

    def _score(self, name: str, task: offline_scoring.Task) -> offline_scoring.Figures:
        with show_progress(self.stderr, unit=" listeners", about=name) as bar:

            def show(what: str, n_done: int, n_total: int) -> None:
                bar.set_description(f"{name} {what}")
                bar.total, bar.n = n_total, n_done
                bar.refresh()

            return offline_scoring.score(task, progress=show)


def _read(folder: Path, without_text: bool) -> ListeningSet:
    try:
        data = read_listening_folder(folder)
    except BadListeningFolder as error:
        raise CommandError(str(error)) from error
    return data.without_text() if without_text else data


def _table(title: str, figures: offline_scoring.Figures) -> str:
    width = max(len(name) for name in figures)
    lines = [f"{title:<{width}}  " + "  ".join(f"{metric:>11}" for metric in _METRICS)]
    for name, values in figures.items():
        lines.append(f"{name:<{width}}  " + "  ".join(f"{values[m]:>11.4f}" for m in _METRICS))
    return "\n".join(lines) + "\n"
