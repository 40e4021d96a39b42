"""What every connector keeps to, whoever wrote it: small named rules over a connector, its cases and its page."""

from worker.conformance.exhibit import Exhibit, Filed
from worker.conformance.problem import Problem
from worker.conformance.rules import RULES, Rule, check, check_exhibit

__all__ = ["RULES", "Exhibit", "Filed", "Problem", "Rule", "check", "check_exhibit"]
