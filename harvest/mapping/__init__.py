"""From a record to the triples of DCAT-AP 3: small pure functions, composed by kind of source."""
