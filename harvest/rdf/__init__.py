"""Documents in RDF: found out, read leniently, recovered where they are faulty, spooled, cut into closures."""
