"""The harvest feeds: `/catalog.{suffix}` for all datasets, `/catalog/{slug}.{suffix}` for one publisher's."""
