"""What every connector keeps to, whoever wrote it: small named rules over a connector, its cases and its page."""

from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.rules import RULES, Rule, check, check_exhibit
from worker.devkit.conformance.subject import Filed, Subject

__all__ = ["RULES", "Filed", "Problem", "Rule", "Subject", "check", "check_exhibit"]
