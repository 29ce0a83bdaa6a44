"""Pages of staff about accounts, linked accounts and the nightly activity sweep."""

from deposits.admin import accounts as accounts
from deposits.admin import linked as linked
from deposits.admin import sweep_runs as sweep_runs
