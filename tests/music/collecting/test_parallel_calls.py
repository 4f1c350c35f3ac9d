"""Questions asked side by side by threads; answers dealt with by the thread that asked."""

import threading

import pytest

from music.collecting.parallel_calls import N_THREADS, Questions
from music.errors import SourceNotFound, SourceUnavailable


def test_questions_are_under_way_at_once_and_answered_in_the_asking_thread():
    n = min(N_THREADS, 8)
    everybody_asked = threading.Barrier(n, timeout=10)
    answered_by = []
    questions = Questions()
    for _ in range(n):
        questions.ask(everybody_asked.wait, lambda _: answered_by.append(threading.get_ident()))
    questions.answer_all()
    assert answered_by == [threading.get_ident()] * n


def test_an_answer_may_lead_to_another_question():
    seen = []
    questions = Questions()

    def note(n):
        seen.append(n)
        if n < 3:
            questions.ask(lambda: n + 1, note)

    questions.ask(lambda: 1, note)
    questions.answer_all()
    assert seen == [1, 2, 3]


def test_what_does_not_exist_is_answered_with_none():
    def ask():
        raise SourceNotFound("no such channel")

    answers = []
    questions = Questions()
    questions.ask(ask, answers.append)
    questions.answer_all()
    assert answers == [None]


def test_failures_are_logged_once_and_spoil_nothing_else(caplog):
    def fail():
        raise SourceUnavailable("YouTube does not answer.")

    answers = []
    questions = Questions()
    for question in (fail, lambda: "answer", fail):
        questions.ask(question, answers.append)
    questions.answer_all()
    assert answers == ["answer"]
    assert [record.getMessage() for record in caplog.records] == [
        "YouTube answered 1 of 3: YouTube does not answer."
    ]


def test_an_error_of_the_program_is_raised():
    questions = Questions()
    questions.ask(lambda: 1 / 0, lambda _: None)
    with pytest.raises(ZeroDivisionError):
        questions.answer_all()
