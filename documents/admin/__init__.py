"""Pages of staff about documents."""

from documents.admin import documents as documents
from documents.admin import queue as queue
