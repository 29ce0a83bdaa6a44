"""The process that sends: the house's own sweep, over and over, until it is ended."""

import time

import django

if __name__ == "__main__":
    django.setup()

    from subscribers.sending.sweep import send_events

    while True:
        if not send_events():
            time.sleep(0.05)
