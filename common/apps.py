"""Shared ideas without tables."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "common"
