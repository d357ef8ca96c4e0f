"""Repairs of what sources write wrongly: one named rule each, told in the ledger of the record it was applied to."""
