"""What staff see and press about customers and tasks."""

from customers.registry import deeds as deeds
from customers.registry.admin import queues as queues
from customers.registry.admin.customers import CustomerAdmin
from customers.registry.admin.tasks import TaskAdmin
from customers.registry.dictionaries.admin import DictionaryEntryAdmin

__all__ = ["CustomerAdmin", "DictionaryEntryAdmin", "TaskAdmin"]
