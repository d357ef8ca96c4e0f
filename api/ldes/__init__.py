"""The change feed: DCAT-AP Feeds on Linked Data Event Streams and the TREE hypermedia specification.

door      addresses, formats, caching
tree      the nodes: which there are, what they say of each other
members   the activities of a page, with the descriptions they carry
stream    what the feed says of itself: paths, versions, retention, shape, DCAT
"""
