"""Holds what connectors are written in: Connector, signatures, mapping, read, route."""
