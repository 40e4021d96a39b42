"""Deliveries: lanes claimed, their events made true in Upsales, and what comes of a failure."""

from worker.delivery.failures import Setbacks
from worker.delivery.lane import Delivery

__all__ = ["Delivery", "Setbacks"]
