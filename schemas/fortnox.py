"""Describes Fortnox's events and the things of its API, as far as they are read.

Fields are those of https://api.fortnox.se/apidocs, which Fortnox's own library names one by one:
https://github.com/FortnoxAB/csharp-api-sdk/tree/master/FortnoxSDK/Entities. Numbers come as numbers or as text, `Credit` as `"true"`.
"""

from __future__ import annotations

from schemas.wire import Flag, Id, Many, Money, Payload, Words


class Event(Payload):
    """https://www.fortnox.se/developer/guides-and-good-to-know/websockets."""

    topic = Words()
    type = Words()
    tenantId = Id()
    entityId = Id(required=True)


class Customer(Payload):
    CustomerNumber = Id(required=True)
    Name = Words()
    OrganisationNumber = Words()
    Type = Words()
    Active = Flag()
    Email = Words()
    Phone1 = Words()
    WWW = Words()
    OurReference = Words()
    Address1 = Words()
    Address2 = Words()
    ZipCode = Words()
    City = Words()
    CountryCode = Words()
    DeliveryAddress1 = Words()
    DeliveryAddress2 = Words()
    DeliveryZipCode = Words()
    DeliveryCity = Words()
    DeliveryCountryCode = Words()
    VisitingAddress = Words()
    VisitingZipCode = Words()
    VisitingCity = Words()
    VisitingCountryCode = Words()


class Row(Payload):
    RowId = Id()
    ArticleNumber = Words()
    Description = Words()
    Quantity = Money()
    OrderedQuantity = Money()
    DeliveredQuantity = Money()
    Price = Money()
    Total = Money()
    TotalExcludingVAT = Money()
    VAT = Money()


class Document(Payload):
    """What an offer, an order and an invoice have alike."""

    DocumentNumber = Id(required=True)
    CustomerNumber = Id()
    CustomerName = Words()
    OrganisationNumber = Words()
    Cancelled = Flag()
    Currency = Words()
    Freight = Money()
    FreightVAT = Money()
    AdministrationFee = Money()
    AdministrationFeeVAT = Money()
    Total = Money()
    TotalVAT = Money()
    RoundOff = Money()
    VATIncluded = Flag()
    OurReference = Words()
    YourReference = Words()
    Project = Words()
    Remarks = Words()


class Offer(Document):
    OfferDate = Words()
    ExpireDate = Words()
    OrderReference = Id()
    InvoiceReference = Id()
    OfferRows = Many(Row)


class Order(Document):
    OrderDate = Words()
    OrderType = Words()
    OfferReference = Id()
    InvoiceReference = Id()
    YourOrderNumber = Words()
    DeliveryDate = Words()
    OrderRows = Many(Row)


class Invoice(Document):
    InvoiceDate = Words()
    DueDate = Words()
    FinalPayDate = Words()
    Balance = Money()
    Booked = Flag()
    Credit = Flag()
    CreditInvoiceReference = Id()
    OfferReference = Id()
    OrderReference = Id()
    ContractReference = Id()
    YourOrderNumber = Words()
    Reminders = Money()
    LastRemindDate = Words()
    InvoiceRows = Many(Row)


class InvoicePayment(Payload):
    Number = Id(required=True)
    InvoiceNumber = Id()
    Amount = Money()
    AmountCurrency = Money()
    Currency = Words()
    PaymentDate = Words()
    Booked = Flag()


class Article(Payload):
    ArticleNumber = Id(required=True)
    Description = Words()
    SalesPrice = Money()
    Active = Flag()


__all__ = ["Article", "Customer", "Event", "Invoice", "InvoicePayment", "Offer", "Order"]
