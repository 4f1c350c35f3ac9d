"""Other sites' scripts: none by default, the listed ones by setting, and the API only."""

import pytest

ORIGIN = {"origin": "https://front.example"}


def test_no_other_site_is_let_in_by_default(client):
    assert "Access-Control-Allow-Origin" not in client.get("/health", headers=ORIGIN)


@pytest.fixture
def _front_end_is_listed(settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://front.example"]


@pytest.mark.usefixtures("_front_end_is_listed")
@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("/health", True),
        ("/api/v1/", True),
        ("/suggestions", True),
        ("/suggestions/", True),
        ("/liked-songs", True),
        ("/discover", True),
        ("/", False),
        ("/likes/", False),
        ("/account/", False),
        ("/admin/login/", False),
        ("/suggestions-of-mine", False),
    ],
)
@pytest.mark.django_db
def test_listed_site_is_let_in_to_the_api_only(client, address, is_open):
    response = client.get(address, headers=ORIGIN)
    assert ("Access-Control-Allow-Origin" in response) is is_open
    assert ("RateLimit-Remaining" in response.get("Access-Control-Expose-Headers", "")) is is_open


@pytest.mark.usefixtures("_front_end_is_listed")
def test_listed_site_may_ask_before_it_posts(client):
    response = client.options(
        "/suggestions",
        headers={
            **ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type",
        },
    )
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == "https://front.example"
    assert "authorization" in response["Access-Control-Allow-Headers"]


@pytest.mark.usefixtures("_front_end_is_listed")
def test_unlisted_site_is_not_let_in(client):
    response = client.get("/health", headers={"origin": "https://other.example"})
    assert "Access-Control-Allow-Origin" not in response
