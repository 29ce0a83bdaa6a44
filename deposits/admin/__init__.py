"""Pages of staff about accounts and about the nightly activity sweep."""

from deposits.admin import accounts as accounts
from deposits.admin import sweep_runs as sweep_runs
