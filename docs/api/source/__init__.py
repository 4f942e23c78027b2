"""The parts of openapi.json."""
