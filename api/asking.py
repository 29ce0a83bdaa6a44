"""What clients may say: nothing but what a route names, each value of its own type."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from rest_framework import serializers

PAGES = frozenset({"cursor", "limit"})  # read by the pages themselves
LONGEST_NAME = 60  # characters of a field's name that an answer repeats


class Words(serializers.CharField):
    """Text, and not a number or truth value that would be written as such."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class OneOf(serializers.ChoiceField):
    """A code of a closed list, as text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=str(data)[:LONGEST_NAME])
        return str(super().to_internal_value(data))


class Number(serializers.IntegerField):
    """A whole number, and not text or a truth value that reads like one."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return int(super().to_internal_value(data))


class Asked(serializers.Serializer[Any]):
    """A body or a query; what nobody knows is refused rather than passed over."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(key) for key in set(data) - set(self.fields))
            if unknown:
                problem = ["There is no such field here."]
                raise serializers.ValidationError(
                    {name[:LONGEST_NAME]: problem for name in unknown[:20]}
                )
        return super().to_internal_value(data)

    @classmethod
    def of(cls, said: Any, **context: Any) -> dict[str, Any]:
        """The checked values. Raises ValidationError."""
        asked = cls(data=said, context=context)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    @classmethod
    def of_query(cls, request: Any, *, but: frozenset[str] = frozenset()) -> Any:
        """The checked parameters of an address. Raises ValidationError."""
        said: Any = request.query_params
        twice = [name for name, values in said.lists() if len(values) > 1]
        if twice:
            problem = ["Say it once."]
            raise serializers.ValidationError(
                {name[:LONGEST_NAME]: problem for name in twice[:20]}
            )
        return cls.of({name: said[name] for name in said if name not in but})


class AskedDescription(OpenApiSerializerExtension):
    """Says in the description that nothing else may be sent."""

    target_class = "api.asking.Asked"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        schema = auto_schema._map_serializer(  # noqa: SLF001 - as its own manual does
            self.target, direction, bypass_extensions=True
        )
        return {**schema, "additionalProperties": False}
