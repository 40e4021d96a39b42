"""Describes companies: `/accounts`.

Left out: what Upsales ignores (`parent`, `currency`, `score` …) or empties without a word (`dunsNo`, `registrationDate` …), and the
selects whose ids belong to its register (`status`, `companyForm`, `sniCode`).
"""

from __future__ import annotations

from marshmallow import Schema, fields

from schemas.upsales.custom import custom_values
from schemas.upsales.fields import Flag, Number, OneOf, Part, Pattern, References, Text, Whole


class Address(Schema):
    type = OneOf("Visit", "Mail", "Invoice", "Delivery", "Other", required=True)
    address = Text()
    zipcode = Text()
    city = Text()
    state = Text()
    country = Text()


class Account(Schema):
    name = Text(100, required=True)
    phone = Text(30)
    fax = Text(30)
    webpage = Text(100)
    orgNo = Text(32)
    notes = Text()
    about = Text()
    linkedin = Text()
    facebook = Text()
    twitter = Text()
    active = Flag()
    users = References()
    addresses = fields.List(Part(Address))
    categories = References()
    projects = References()
    custom = custom_values()
    noEmployees = Whole(0)
    turnover = Number()
    profit = Number()
    journeyStep = Text()
    creditRating = Text()
    sicCode = Pattern(r"\d{1,6}", "a code of up to 6 digits")
    naicsCode = Pattern(r"\d{1,6}", "a code of up to 6 digits")
    ukSicCode = Pattern(r"\d{1,5}", "a code of up to 5 digits")
