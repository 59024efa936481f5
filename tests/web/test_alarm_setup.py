"""The page of who is told: what is refused is said at its field, and what was typed stays."""

from tests.api.province import Client


async def test_a_refused_webhook_is_said_at_its_field_and_stays_typed(person: Client) -> None:
    typed = {"do": "webhook", "name": "Sổ trực", "url": "https://a..b.vn/"}
    answer = await person.post("/alarms/setup", data=typed)

    assert answer.status_code == 422
    assert answer.text.count('id="url-fault"') == 1
    assert 'value="https://a..b.vn/"' in answer.text
    assert 'id="name-fault"' not in answer.text
    assert "Mỗi phần của tên máy" in answer.text
