"""SHACL: our profiles as Turtle, the registry of profiles, the validation engines, the report."""
