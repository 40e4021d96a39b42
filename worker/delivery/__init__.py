"""Deliveries: lanes claimed, their events made true in Upsales, and what comes of a failure."""

from worker.delivery.lane import Delivery
from worker.delivery.setbacks import Setbacks

__all__ = ["Delivery", "Setbacks"]
