"""The error conditions of the protocol (OAI-PMH 2.0, section 3.6): status 200, in the reader's language."""

from __future__ import annotations

from enum import StrEnum

from vocab.text import Text


class Code(StrEnum):
    """The codes that the protocol knows."""

    BAD_ARGUMENT = "badArgument"
    BAD_RESUMPTION_TOKEN = "badResumptionToken"  # noqa: S105  a word of the protocol
    BAD_VERB = "badVerb"
    CANNOT_DISSEMINATE_FORMAT = "cannotDisseminateFormat"
    ID_DOES_NOT_EXIST = "idDoesNotExist"
    NO_RECORDS_MATCH = "noRecordsMatch"
    NO_METADATA_FORMATS = "noMetadataFormats"
    NO_SET_HIERARCHY = "noSetHierarchy"


class ProtocolError(Exception):
    """A request that the protocol answers with an error."""

    def __init__(self, code: Code, text: Text) -> None:
        super().__init__(f"{code}: {text.en}")
        self.code = code
        self.text = text


def bad_argument(french: str, english: str) -> ProtocolError:
    """A request with an argument that is illegal, missing, repeated or has an illegal value."""
    return ProtocolError(Code.BAD_ARGUMENT, Text(french, english))
