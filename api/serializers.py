"""What the API says of whoever asks."""

from typing import Any

from rest_framework import serializers


class InstitutionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField()
    currency = serializers.CharField()
    time_zone = serializers.CharField()


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    login = serializers.CharField(help_text="An e-mail, or `client:` and its id.")
    known_by = serializers.ChoiceField(choices=["session", "token", "provider"])
    tenant = InstitutionSerializer()
    permissions = serializers.ListField(
        child=serializers.CharField(), help_text="What may be done by these means."
    )
