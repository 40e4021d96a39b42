"""Lists the words of which names of fields and of types are made.

A name is shown if all of its words are on the list, never because one is not known to be a person's.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_LISTED = """
a accept account accounts action actions active activity additional additions address address1 address2 addresses adjustments admin
administrator adress after agenda agent agreement agreements aktiv allocations also amount amounts analytics and ansvarig answer answered
answers antal api app application appointment appointmentinsert appointments appointmentscheduled appointmentupdate archived arg array
article articlenumber articles artikel artikelnr artikelnummer ask assigned assignee associated association async at attempt attempted
attendee attendees attribute attributes audits authentication author authorization authorized av available avatar avdelning avtal b
balance bank barcode batch before begin behavior belopp betald betalning bic billing birth birthdate birthday board body bolag booking
bookings boolean born bounced branch brand browser bundle business by c calculated calendar calendly call callback called calls campaign
can cancel canceled canceler cancellation cancelled canonical captured carrier cart categories category cell cellphone center change
changed changes channel charge checkout checksum child children choice choices city civic class clicked client clientupdate clock close
closed closedate closedlost closedwon closing code codes collected collection color colour comment companies company companyname
competitor complete completed conference config connection consent contact contactinsert contacts contactupdate content context contract
contracts contractsent contributor conversation core cost count counter country counts county coupon create created createdat creation
creator credit crm currency current cursor custom customer customerid cycle data datacontenttype dataschema datatype date datum day days
deactivate deactivated deactivation dead deal dealname deals dealstage debit decimal decisionmakerboughtin default definition delete
deleted deletion delinquent delivered delivery delta department depth description desktop detail details device diff digest direct
disabled discount discountable discounted discounts discrepancy division dob domain domains done double draft dropdown due duns duration
duties ean edit editable edited editor efternamn email emailaddress emails employees employer empty enabled end ended ending endings
entity entries entry epoch epost error errors eu event eventid events eventtype exchange excluding exempt exemptions expired expires
expiry export exported extended external extra facebook failed failure faktura fakturanummer fakturor fallback false familyname fax fee
feedback fees felt field fields file files finalized financial finished firma first firstname flag flags follow footer forecast foreign
form forms from fråga från fulfilled fulfillment fullname för företag företagsnamn förnamn gata gateway gdpr gender generic givenname gmt
google gotomeeting graphql gross group groups gtin guest guests guid had has hash height hidden hit hits hold homepage hook hooks host
hosted hosting hosts hour hours href hs hubspot iban id idempotency identifier identity ids if image images impact import imported in
inactive inbound include included inclusive incomplete index individual industry info information initiated inner insert inserted
instagram int integer integration intent internal interval invalid inventory invitee invitees invoice invoiceid invoiceitem invoices ip is
issue issues item items job jobtitle join journey kanaler kategori keep kept key keys keyword kind kund kunder kundnr kundnummer label
labels lager land landed language last lastmodifieddate lastname latest latitude lead leadinsert leads ledger legal length level leverans
license licensed lifecyclestage limit line line1 line2 lineitems lines link linkedin links list lists livemode locale locales location
long longest longitude loss lost lot mail manager manual manufacturer marked marketable marketing master matrix max med meddelande medium
meeting meetings mejl memberships memo merge merged message meta metadata method microsoft milestone min minute minutes mobil mobile
mobilephone mobilnummer mod mode model modified moms money month months more moved multiple nace naics name names namn national net new
news newsletter next nickname nin no nonce none not note notes nothing notify null num number numberofemployees numeric object objects
obligatory occurred of off offer offers offert office offset ok old on one open opened opening operation opportunity optin option options
optout or order orderedit orderid orderinsert ordernummer orderrow orderrows orders orderupdate ordrar org organic organisation
organisationnumber organisationsnummer organization organizationnumber organizer orgnr original ort os other ours outbound outcome own
owner package page pages paid parent partial partially participant participants parties party passport past path paying payload payment
payments pending people per percent percentage period person personal personnummer phone phonecall phonenumber phones physical ping pinned
pipeline pipelines plan planned plans platform pnr po points portal pos position post postal postalcode postcode postnummer postort pre
preferences preferred prefix presentationscheduled pretty previous price prices pricing primary priority pris privacy private probability
problem problems processed processing product productid products profiles project projects projekt properties property proration
prospecting provider province public purchase pushed på qty qualifiedtobuy quantities quantity quarter question questions quote quotes
rabatt rad rader rank rate rating reader reason reasons receipt received reconfirmation record recorded recording records recurring redact
ref reference references referrer refs refund refunded refunds reg region registration related remaining remark remarks reminder removable
removals removed renewal reopened reordered request requested required reschedule rescheduled reservation response responses rest
restocked restore restored result results return returned returns revenue role roles roll room rooms routing row rows s salesforce
scheduled schema scheme score screen seats second secondary segment selected self sensitive sent serial series session set settings setup
severity shipment shipped shipping shop shopify short show sic signature since site size skapad skip sku slug sni sort source sources
speaker specversion sprint ssn stad stage stages start startdate started state status step stock store street string stripe subfield
subject submission submissions submitted subscribed subscription subscriptions subtotal succeeded success successful sum summa summary
supplier surname survey svar swift sync synced säljare tag tags task tasks tax taxability taxable taxes team teams tel telefon
telefonnummer telephone term terminal terms test text thankyou the ticket tid tier till time timestamp timezone tip titel title to token
topic total totals touch town tracking transaction transactions transcript transitions trash trial trialing trigger true ts turnover
twitter typ type typeform types ui uk unassigned uncollectible unfulfilled unit unitprice units unpaid unsubscribe until update updated
updatedat upload upsales upsert upserted uri url urls usage user userid username users using utm uuid v value vara variable variables
variant variants variation varor vat vatnumber vendor verification verified version versions via vid video vids vikt visible visit visits
void voided väntar warehouse was wc web webex webhook webhooks webpage website week weeks weight weighted width win won woocommerce x y
year years yes youtube z zip zipcode zone zoom ändrad ärende
"""
WORDS: Final = frozenset(_LISTED.split())
_PART: Final = re.compile(r"[^\W\d_]+")
# A name is taken apart into words: `customerEmail`, `customer_email` and `Customer-Email` are two.
_WORD: Final = re.compile(r"[A-ZÅÄÖ]+(?![a-zåäö])|[A-ZÅÄÖ]?[a-zåäö]+|\d+")


def words_of(name: str) -> list[str]:
    """In small letters, and the numbers between them."""
    return [word.lower() for word in _WORD.findall(name)]


@lru_cache(maxsize=4096)
def listed(name: str) -> bool:
    """Whether every word of a name is one of fields. Numbers are none; to be bounded by who asks."""
    return all(
        part.lower() in WORDS or all(word in WORDS for word in _taken_apart(part)) for part in _PART.findall(name)
    )


def _taken_apart(part: str) -> list[str]:
    """A part with letters of other alphabets is one word."""
    words = words_of(part)
    return words if sum(map(len, words)) == len(part) else [part]
