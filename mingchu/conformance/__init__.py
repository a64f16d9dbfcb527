"""The vendor kit: watches a vendor's device at a broker of its own and says what conforms to its profile."""
