"""What is wrong with an installation or a store, said in sentences, and what of it can be repaired safely."""

from __future__ import annotations

Result = tuple[bool, str]
"""Whether all is well, and what was found."""
