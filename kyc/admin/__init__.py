"""What staff see and press of verification: lists, the desk, the dialogs."""

from kyc import panels as panels  # pins itself on the customer page
from kyc.admin import attempts as attempts
from kyc.admin import callbacks as callbacks
from kyc.admin import queues as queues
