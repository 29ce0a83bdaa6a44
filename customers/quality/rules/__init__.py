"""The rules of data quality, one function each; importing puts them on the board."""

from customers.quality.rules import contradictory as contradictory
from customers.quality.rules import improbable as improbable
from customers.quality.rules import lapsed as lapsed
from customers.quality.rules import missing as missing
from customers.quality.rules import phones as phones
from customers.quality.rules import unverified as unverified
