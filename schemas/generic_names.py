"""Lists names that other systems have for our fields, so that who uses one is told ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Names: TypeAlias = Mapping[str, str]
"""Small letters, without blanks, dashes and underscores; see `Payload.also_called`."""

ENVELOPE: Names = {"event": "type", "eventid": "id", "eventtype": "type", "payload": "data", "timestamp": "time"}

COMPANY: Names = {
    "company": "name",
    "companyname": "name",
    "domain": "webpage",
    "homepage": "webpage",
    "organisationnumber": "orgNo",
    "organisationsnummer": "orgNo",
    "organizationnumber": "orgNo",
    "orgnr": "orgNo",
    "telephone": "phone",
    "url": "webpage",
    "vat": "orgNo",
    "vatnumber": "orgNo",
    "website": "webpage",
}
ACCOUNT: Names = {**COMPANY, "employees": "noEmployees", "owner": "users", "revenue": "turnover", "user": "users"}

PERSON: Names = {
    "cellphone": "phone",
    "emailaddress": "email",
    "familyname": "lastName",
    "fullname": "name",
    "givenname": "firstName",
    "jobtitle": "title",
    "mail": "email",
    "mobile": "phone",
    "mobilephone": "phone",
    "surname": "lastName",
    "telephone": "phone",
}
CONTACT: Names = {
    **PERSON,
    "account": "client",
    "company": "client",
    "customer": "client",
    "mobile": "cellPhone",
    "mobilephone": "cellPhone",
}

DEAL: Names = {
    "account": "client",
    "company": "client",
    "customer": "client",
    "items": "rows",
    "lineitems": "rows",
    "name": "description",
    "orderrow": "rows",
    "orderrows": "rows",
    "owner": "user",
    "person": "contact",
    "products": "rows",
    "subject": "description",
    "title": "description",
}
ROW: Names = {
    "amount": "quantity",
    "articlenumber": "articleNo",
    "product": "articleNo",
    "qty": "quantity",
    "sku": "articleNo",
    "unitprice": "price",
}
PRODUCT: Names = {"articlenumber": "articleNo", "cost": "purchaseCost", "price": "listPrice", "sku": "articleNo"}
ADDRESS: Names = {"postalcode": "zipcode", "postcode": "zipcode", "street": "address", "zip": "zipcode"}

TASK: Names = {
    "account": "client",
    "body": "notes",
    "comment": "notes",
    "company": "client",
    "customer": "client",
    "guests": "contacts",
    "name": "description",
    "owner": "users",
    "participants": "contacts",
    "people": "contacts",
    "person": "contact",
    "startdate": "date",
    "subject": "description",
    "text": "notes",
    "title": "description",
    "user": "users",
}
