"""What the processes count for the metrics page, each figure with all its labels.

Labels are bounded: names of views, handlers, providers and outcomes, never an id. Each
figure has a label, so that a process writes none before it has something to say.
What the database knows best is asked of it instead (config/observing/standing.py).
"""

from prometheus_client import Counter, Histogram

# Seconds. Fine below one, where pages should be; coarse up to the longest time limit.
_ANSWERS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_CALLS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_WAITS = (0.1, 0.5, 1, 5, 15, 60, 300, 600, 3600)

REQUESTS = Counter(
    "vestibule_http_requests",
    "Answered requests, by name of the view, method and class of the status.",
    ["view", "method", "status"],
)
REQUEST_SECONDS = Histogram(
    "vestibule_http_request_seconds",
    "How long requests took, by name of the view.",
    ["view"],
    buckets=_ANSWERS,
)
WEBHOOKS = Counter(
    "vestibule_webhooks",
    "Callbacks at the door: stored, repeated, or why they were refused.",
    ["outcome"],
)
PROVIDER_CALLS = Counter(
    "vestibule_provider_calls",
    "Calls of outside systems: ok, refused, unreachable or throttled.",
    ["provider", "outcome"],
)
PROVIDER_SECONDS = Histogram(
    "vestibule_provider_call_seconds",
    "How long outside systems took, whatever they answered.",
    ["provider"],
    buckets=_CALLS,
)
DELIVERIES = Counter(
    "vestibule_deliveries",
    "Deliveries tried, by handler: done, again (tried later) or given_up.",
    ["handler", "outcome"],
)
DELIVERY_LAG = Histogram(
    "vestibule_delivery_lag_seconds",
    "From when a delivery was due to when a worker took it; first tries, and others.",
    ["attempt"],
    buckets=_WAITS,
)
UPLOADS = Counter(
    "vestibule_document_uploads",
    "Documents taken: stored, held (the store did not answer), repeated or refused.",
    ["source", "outcome"],
)
SCANS = Counter(
    "vestibule_document_scans",
    "Files that the scanner gave a verdict on: clean or infected.",
    ["verdict"],
)
CACHE_FALLS = Counter(
    "vestibule_cache_falls",
    "How often a process went over to its own cache, by kind of the error of Redis.",
    ["error"],
)
SWEEP_FAILURES = Counter(
    "vestibule_sweep_failures",
    "Rows and institutions that a sweep left out because they failed.",
    ["sweep"],
)
