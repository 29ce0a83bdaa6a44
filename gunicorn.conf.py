"""What gunicorn reads by itself: its access log, should somebody switch it on.

The application writes a line for each request. The server's own format would have
paths, query strings, referrers and names in it.
"""

access_log_format = "%(t)s %(m)s %(s)s %(M)s ms %({x-request-id}o)s"
