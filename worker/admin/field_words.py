"""Lists the words of which names of fields and of types are made.

A name is shown if all of its words are on the list, never because one is not known to be a person's.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_LISTED = """
a accept acceptance account accounts action actions active activity actor ad added additional additions address address1 address2 addresses
adgroup adjustments admin administrator adress after agenda agent agreement agreements aktiv allocations also amount amounts analytics and
anställd anställda ansvarig answer answered answers antal api app applicant applicants application appointment appointmentinsert
appointments appointmentscheduled appointmentupdate archived arg array article articlenumber articles artikel artikelnr artikelnummer ask
asset assigned assignee assignees associated association async at attempt attempted attendee attendees attribute attributes audits
authentication author authorization authorized av available avatar avdelning avsändare avtal b balance bank barcode batch before begin
behavior belopp beställare betald betalning bic billing birth birthdate birthday board body bolag booker booking bookings boolean born
borrower bounced branch brand browser bundle business buyer buyers by c calculated calendar calendly call callback called calls campaign can
cancel canceled canceler cancellation cancelled candidate candidates canonical captured carrier cart categories category cause cell
cellphone center change changed changes channel charge checkout checksum child children choice choices city civic class clicked client
clients clientupdate clock close closed closedate closedlost closedwon closing code codes collaborators collected collection color colour
column comment comments companies company companyname competitor complete completed conference config connection consent consignee
consultant consultants contact contactinsert contacts contactupdate content context contract contracts contractsent contributor conversation
core cost count counter country counts county coupon cover create created createdat creation creative creator credit creditor crm currency
current cursor custom customer customerid cycle data datacontenttype dataschema datatype date datum day days deactivate deactivated
deactivation dead deal dealer dealers dealname deals dealstage debit debtor debtors decimal decisionmakerboughtin default definition delete
deleted deletion delinquent delivered delivery delta delägare department depth description desktop detail details device diff digest digits
direct direction disabled discount discountable discounted discounts discrepancy division dob document domain domains done double download
draft driver dropdown due duns duration duties ean edit editable edited editor efternamn element elev elever email emailaddress emails
employee employees employer employment empty enabled end ended ending endings entity entries entry epoch epost error errors eu event eventid
events eventtype exchange excluding exempt exemptions expiration expired expires expiry export exported extended external extra facebook
failed failure faktura fakturanummer fakturor fallback false familyname fax fee feedback fees felt field fields file files finalized
financial finished firma first firstname flag flags follow followers footer forecast foreign form forms from fråga från fulfilled
fulfillment full fullname för företag företagsnamn förnamn gata gateway gcl gdpr gen gender generic givenname gmt google gotomeeting graphql
gross group groups gtin guardian guest guests guid had handläggare hangup has hash height hidden hit hits hold holder homepage hook hooks
host hosted hosting hosts hour hours href hs hubspot human hyresgäst hyresgäster iban id idempotency identifier identity ids if image images
impact import imported in inactive inbound include included inclusive incomplete index individual industry info information initiated inner
insert inserted inspector instagram installer installers int integer integration intent interest internal interval invalid inventory invitee
invitees invoice invoiceid invoiceitem invoices ip is issue issues item items job jobtitle join journey kanaler kategori keep kept key keys
keyword kind kontakt kontakter kontaktperson kontaktpersoner kund kunder kundnr kundnummer köpare label labels lager land landed landlord
language last lastmodifieddate lastname latest latitude lead leadgen leadinsert leads lease leases ledger legal lender length letter level
leverans license licensed lifecyclestage limit line line1 line2 lineitems lines link linkedin links list lists livemode locale locales
location long longest longitude loss lost lot mail manager manual manufacturer marked marketable marketing master matrix max med meddelande
medium medlem medlemmar meeting meetings mejl member members memberships memo merchant merchants merge merged message meta metadata method
methods microsoft milestone min minute minutes missed mobil mobile mobilephone mobilnummer mod mode model modified moms money month months
more mottagare moved multiple nace naics name names namn national net new news newsletter next nickname nin no nonce none not note notes
nothing notifications notify null num number numberofemployees numbers numeric object objects obligatory occurred of off offer offers offert
office offset ok old on one open opened opening operation operator operators opportunity optin option options optout or order orderedit
orderid orderinsert ordernummer orderrow orderrows orders orderupdate ordrar org organic organisation organisationnumber organisationsnummer
organization organizationnumber organizer orgnr original ort os other ours outbound outcome own owner owners package page pages paid parent
partial partially participant participants parties partner partners party passport past path patient patients payee payees payer payers
paying payload payment payments pending people per percent percentage period person personal personnummer phone phonecall phonenumber phones
physical ping pinned pipeline pipelines plan planned plans platform pnr po points portal pos position post postal postalcode postcode posted
postnummer postort pre preferences preferred prefix presentationscheduled pretty preview previous price prices pricing primary priority pris
privacy private probability problem problems processed processing product productid products profiles project projects projekt promotion
properties property proration prospecting provider province public published purchase pushed på qty qualifiedtobuy quantities quantity
quarter question questions quote quotes rabatt rad rader rank rate rating raw read reader reason reasons receipt received receiver receivers
recipient recipients reconfirmation record recorded recording records recruiting recurring redact ref reference references referer referrer
referring refs refund refunded refunds reg region registration rejected related relation relations remaining remark remarks reminder remote
removable removals removed renewal rental rentals renter renters reopened reordered reporter representative representatives request
requested requester requesters required requirement reschedule rescheduled reseller reservation resource respondent respondentid respondents
response responses rest restocked restore restored result results return returned returns revenue role roles roll room rooms routing row
rows s salesforce salesperson salesrep scheduled schema scheme score screen seats second secondary segment selected self seller sellers send
sender senders sensitive sent serial series session set settings setup severity shared shipment shipped shipping shop shopify short show sic
sign signatories signatory signature signed signer signers signing since site size skapad skip sku slug sni sort source sources speaker
specialist specversion sponsor sponsored sprint ssn stad staff stage stages starred start startdate started state status step stock store
street string stripe student students sub subfield subject submission submissions submit submitted submitter subscribed subscriber
subscribers subscription subscriptions subtotal succeeded success successful sum summa summary supplier suppliers surname survey sv svar
swift sync synced säljare tag tags target task tasks tax taxability taxable taxes teacher team teams technician technicians tel telefon
telefonnummer telephone tenant tenants term terminal terms test text thankyou the thumb ticket tid tier till time timestamp timezone tip
titel title to token topic total totals touch town tracking transaction transactions transcript transitions transparent trash trial trialing
trigger true ts turnover twitter typ type typeform types ui uk unassigned uncollectible unfulfilled unique unit unitprice units unpaid
unsubscribe until update updated updatedat upload upsales upsert upserted uri url urls usage user userid username users using utm uuid v
value vara variable variables variant variants variation varor vat vatnumber vendor vendors verb verification verified version versions via
vid video vids vikt visible visit visitor visitors visits voicemail void voided väntar warehouse was wc web webex webhook webhooks webpage
website week weeks weight weighted width win won woocommerce x y year years yes your youtube z zendesk zip zipcode zone zoom ändrad ärende
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
