"""Holds the integration that one would write in an afternoon, to be measured beside ours."""
