"""The description of the service for programs: OpenAPI 3.1, made from one table of operations."""
