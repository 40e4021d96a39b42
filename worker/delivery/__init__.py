"""Deliveries: lanes claimed, their events made true in Upsales, and what comes of a failure."""

from worker.delivery.failures import Failures
from worker.delivery.lane import Delivery

__all__ = ["Delivery", "Failures"]
