"""Holds every connector to the same rules, whoever wrote it.

A rule is a small function over a connector, its cases and its page.
"""

from worker.devkit.conformance.problem import Problem
from worker.devkit.conformance.rules import RULES, Rule, check, check_subject
from worker.devkit.conformance.subject import Filed, Subject

__all__ = ["RULES", "Filed", "Problem", "Rule", "Subject", "check", "check_subject"]
