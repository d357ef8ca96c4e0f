"""Geographic metadata: records of ISO 19115 in the XML of ISO 19139 and ISO 19115-3, written as a graph."""
