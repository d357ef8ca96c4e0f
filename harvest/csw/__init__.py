"""OGC Catalogue Service for the Web, versions 2.0.2 (OGC 07-006r1) and 3.0 (OGC 12-176r7): questions and answers."""
