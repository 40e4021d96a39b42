"""Kills everything that can die, at random and repeatably, and compares Upsales with what was sent."""
