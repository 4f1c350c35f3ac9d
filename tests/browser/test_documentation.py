"""The API's documentation works under our content security policy."""

from playwright.sync_api import Page, expect


def test_documentation_breaks_no_rule_of_the_policy(page: Page):
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/api/v1/docs/")
    expect(page.locator(".opblock").first).to_be_visible()
    page.locator(".opblock-summary-control").first.click()
    expect(page.locator(".opblock.is-open")).to_have_count(1)
    assert [text for text in complaints if "Security Policy" in text or "Error" in text] == []
