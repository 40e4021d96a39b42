"""Delivers events: claims lanes, makes their events true in Upsales, handles failures."""

from worker.delivery.failures import Failures
from worker.delivery.lane import Delivery

__all__ = ["Delivery", "Failures"]
