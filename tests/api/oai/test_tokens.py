"""Resumption tokens: read back as they were given, anything else refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.oai.errors import ProtocolError
from api.oai.tokens import Token, parse

number = st.integers(0, 999_999)
tokens = st.builds(
    Token,
    st.sampled_from(["ListRecords", "ListIdentifiers"]),
    st.sampled_from(["oai_dc", "dcat_ap"]),
    *[number] * 3,
    st.sampled_from(["", "publisher:ville", "hvd:c_dd313021:c_1"]),
    number,
    st.from_regex(r"[a-z0-9-]{0,20}", fullmatch=True),
    *[number] * 2,
)


@given(tokens)
@settings(deadline=None)
def test_a_token_is_read_back(token: Token) -> None:
    assert parse(str(token), token.verb) == token


@given(tokens, st.data())
@settings(deadline=None)
def test_a_changed_token_is_refused(token: Token, data: st.DataObject) -> None:
    text = str(token)
    at = data.draw(st.integers(0, len(text) - 1))
    other = text[:at] + data.draw(st.sampled_from("0az,-é")) + text[at + 1 :]
    if other != text:
        with pytest.raises(ProtocolError, match="badResumptionToken"):
            parse(other, token.verb)
    with pytest.raises(ProtocolError, match="badResumptionToken"):
        parse(text[:at], token.verb)


@given(st.text())
@settings(deadline=None)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError, match="badResumptionToken"):
        parse(text, "ListRecords")


def test_a_token_is_of_its_verb() -> None:
    token = Token("ListRecords", "oai_dc", 1, 1, 1, "", 1, "a", 100, 200)
    with pytest.raises(ProtocolError, match="badResumptionToken"):
        parse(str(token), "ListIdentifiers")
