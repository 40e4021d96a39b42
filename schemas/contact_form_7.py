"""Describes a form of Contact Form 7, as the plugin CF7 to Webhook posts it.

https://wordpress.org/plugins/cf7-to-zapier/
"""

from __future__ import annotations

from schemas.web_form import FormOfOwnNames
from schemas.wire import Text, Words


class Submission(FormOfOwnNames):
    """An answer stands under the name of its tag. `form_name`: a hidden tag, by which forms are told apart. `_url`: a special mail tag."""

    form_name = Text(required=True)
    url = Words(data_key="_url")
