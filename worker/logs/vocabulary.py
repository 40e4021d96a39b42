"""Lists the words that may be shown of a text in which a sender's words may stand."""

from __future__ import annotations

from typing import Final

_REASONS = """
API Address Cannot DELETE GET HubSpot JSON Look Missing Must NUL Needs No Not POST PUT Payment Redis Required SE SKU Shopify Stripe Unknown Upsales
WooCommerce
about above accept account accounts active activities activity add address adopt again agreement agreements alias alike all already amount an and
another answer answered answers any applied appointment appointments are array article as asked asks association at attempt away be become been before begun
being belongs between billed blank body bound budget budgets buyer by call called calls can candidates carries carry change changed characters checkout
circle code codes comma commas comment comments companies company connection connections connector contact contacts content contradict
cost counted counterpart country create created creates credit currency custom customer customers cut database date day days dead deal deals
decide decided decimals decision deleted delivery did digits discount do does doesn domain domains each effect either else emails emptied empty end
ended ends event events everything exists failed fallback fee fees fetched fewer field fields filled find finds finished first fit fits for form format found
from full future gets given gives goes gone got grew had has have held high hold holds if ignored ignores in inactive instead integer into invalid
invitee invoice invoices is it items its itself keep keeps kept key keys know known knows lacks large larger last late least leave leaves left length
less letters limit lines link links list live loaded lock long longer look looked looks lost made mail make makes mapped mapping marker match
matches mean meanwhile merge merged min minute missing mode month more most moved name named names near need needed needs never newer no nobody none
nor not note notes nothing now null number numbers object of old on once one only open or order orders organisation other others our out outcome over own
owner owners page paid parent part passed payload payment people permitted person phone phoneCall place plan position possible price prices primary
probability product products property put question raised reach read reason record recorded records reference references refund refunded refunds
refused rejected relation removed replaces replayed represent representing request required resource review right role row rows rule run running runs same
scope see self send sender sends sent server set settings several shipping shop short show shown shows single skip so somebody something stage stages
stands start stopped stored string strings subject subscription subscriptions succeeded such take taken takes tax tell tells test than that the their them then
there they thing things this those though throttled throttles through ticket tickets time timed times to told too took tried twice type types
unexpectedly unknown until up update updated used user users valid value values was way were what when where whether which while who whole
whose why window windows wiped with within without worker workers would write writes written wrong year yet you zone
"""

_IDS = """
account activity agreement appointment article cart case charge checkout client comment company contact contract customer deal draft event evt form gid
inv invitee invoice item kund lead live message msg object offer opportunity order orders org payment person phoneCall product project quote refund
response row session shopify stripe hubspot sub subscription task test ticket user visit woo INV KUND ORD ORDER Order Customer Product
cus in pi ch re cs il si price prod acct req
"""

REASONS: Final = frozenset(_REASONS.split())
IDS: Final = frozenset(_IDS.split())
