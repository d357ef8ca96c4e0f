"""Sources, fetching, mapping to DCAT-AP, and the pipeline that makes a release of them."""
