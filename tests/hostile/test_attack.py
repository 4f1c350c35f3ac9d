"""The whole attack of ``attack.py``: nothing breaks, nothing opens, nobody is shut out."""

import pytest

from .attack import N_SLOW, run


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(4, id="short", marks=pytest.mark.timeout(600)),
        pytest.param(300, id="full", marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
    ],
)
def test_attack_achieves_nothing(make_site_folder, seconds):
    outcome = run(make_site_folder(), seconds)
    assert outcome.n_attacks > 500
    assert outcome.server_errors == []
    assert outcome.escalations == []
    assert outcome.broken_promises == []
    assert outcome.n_slow_held == N_SLOW
    assert outcome.shut_out_seconds == 0
