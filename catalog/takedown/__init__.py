"""Taking a dataset out of everything that is kept: every release, every version, every answer (a legal order, say).

A takedown first publishes a release without the dataset, so that every door lets go of it at once; then it rewrites the
older releases without it, one after the other, then the bookkeeping; then it looks whether anything is left. Each step
may be interrupted: the same command goes on where it stopped. What stays is a tombstone: the slug, the IRI and the
numbered events, so that addresses answer 410 and harvesters learn of the deletion; and the names of the record, so that
no later harvest brings it back.
"""
