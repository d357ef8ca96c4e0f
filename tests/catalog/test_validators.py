"""What tells answers apart, and what the client does with it."""

from __future__ import annotations

import pytest

from catalog.validators import Address, Answers, Validator, validator_of
from catalog.web import Client
from tests.fakes.server import Answer, in_turn, serving

DATE = "Thu, 26 Nov 2026 03:00:00 GMT"
EARLIER = "Thu, 26 Nov 2026 02:58:00 GMT"


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"ETag": '"a"', "Last-Modified": DATE}, Validator(etag='"a"')),
        ({"ETag": 'W/"a"'}, Validator(etag='W/"a"')),
        ({"ETag": "a"}, None),
        ({"ETag": '"a\x00"'}, None),
        ({"Last-Modified": EARLIER, "Date": DATE}, Validator(modified=EARLIER)),
        ({"Last-Modified": "Thu, 26 Nov 2026 02:59:30 GMT", "Date": DATE}, None),
        ({"Last-Modified": DATE}, None),
        ({"Last-Modified": "hier", "Date": DATE}, None),
        ({}, None),
    ],
)
def test_only_what_can_be_relied_on_is_a_validator(headers: dict[str, str], found: Validator | None) -> None:
    assert validator_of(headers) == found


def test_one_answer_without_a_validator_makes_all_of_them_useless() -> None:
    one, other = Address("http://a/", "*/*"), Address("http://b/", "*/*")
    answers = Answers({one: Validator('"a"')})
    assert answers.validators() == {one: Validator('"a"')}
    assert Answers({**answers.by, other: None}).validators() == {}
    assert Answers(answers.by, opaque=True).validators() == {}


def test_an_answer_is_asked_for_on_condition_and_a_new_one_is_sent_once() -> None:
    bodies = [b"one"]
    with serving(lambda _path: Answer(bodies[0], kind="text/plain"), tagged=True) as server:
        client = Client(allow_private=True, retries=0)
        client.get_bytes(f"{server.address}/list", params={"page": "1"}, accept="text/plain")
        ((address, validator),) = client.answers.validators().items()
        assert address == Address(f"{server.address}/list?page=1", "text/plain")
        assert not client.changed(address, validator)
        bodies[0] = b"two"
        assert client.changed(address, validator)
        asked = len(server.asked)
        body, _ = client.get_bytes(f"{server.address}/list", params={"page": "1"}, accept="text/plain")
        assert (body, len(server.asked)) == (b"two", asked)
        body, _ = client.get_bytes(f"{server.address}/list", params={"page": "1"}, accept="text/plain")
        assert len(server.asked) == asked + 1
        assert server.asked[-1].headers["Accept"] == "text/plain"
        assert "If-None-Match" not in server.asked[-1].headers


def test_what_is_asked_for_next_may_be_another_address() -> None:
    with serving(lambda path: Answer(path.encode()), tagged=True) as server:
        client = Client(allow_private=True, retries=0)
        assert client.changed(Address(f"{server.address}/a", "*/*"), Validator('"old"'))
        assert client.get_bytes(f"{server.address}/b")[0] == b"/b"
        assert client.get_bytes(f"{server.address}/a")[0] == b"/a"
        assert [one.path for one in server.asked] == ["/a", "/b", "/a"]


def test_what_was_posted_or_refused_cannot_be_asked_for_on_condition() -> None:
    with serving(lambda _path: Answer(b"x"), lambda _path, _body: Answer(b"y"), tagged=True) as server:
        client = Client(allow_private=True, retries=0)
        client.get_bytes(server.address)
        assert client.answers.validators()
        client.post_bytes(server.address, b"q", content_type="text/plain")
        assert client.answers.validators() == {}


def test_an_answer_that_came_at_the_second_try_counts_as_it_came() -> None:
    answers = in_turn(Answer(status=503), Answer(b"x", headers={"ETag": '"x"'}))
    with serving(answers) as server:
        client = Client(allow_private=True, backoff=0)
        client.get_bytes(server.address)
        assert list(client.answers.validators().values()) == [Validator('"x"')]
