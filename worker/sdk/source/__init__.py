"""Declares how a sender's own API is read, as data and pure functions."""

from __future__ import annotations

from worker.sdk.source.absent import Absent
from worker.sdk.source.changes import Changes, Occurred
from worker.sdk.source.content import PDF, FileContent
from worker.sdk.source.get import Get
from worker.sdk.source.pages import Cursor, LinkHeader, NextLink, Numbered, Offset, OnePage, Onward, Pages
from worker.sdk.source.sign import Basic, Header, OAuth1Plaintext, OAuth2, Sign, bearer
from worker.sdk.source.source import Kind, Limit, Source
from worker.sdk.source.verdict import Answered, Verdict

__all__ = [
    "PDF",
    "Absent",
    "Answered",
    "Basic",
    "Changes",
    "Cursor",
    "FileContent",
    "Get",
    "Header",
    "Kind",
    "Limit",
    "LinkHeader",
    "NextLink",
    "Numbered",
    "OAuth1Plaintext",
    "OAuth2",
    "Occurred",
    "Offset",
    "OnePage",
    "Onward",
    "Pages",
    "Sign",
    "Source",
    "Verdict",
    "bearer",
]
