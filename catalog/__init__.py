"""The domain: settings, errors, identifiers, descriptions, store, releases, runs."""
