"""Holds what connectors are written in: Connector, signatures, mapping, reading and routing."""
