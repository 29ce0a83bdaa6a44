"""Fingerprints by which encrypted columns are searched."""

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from common.blind_index import blind_index


def test_the_same_text_has_the_same_index_under_one_purpose_alone() -> None:
    index = blind_index("linked account", "GB82WEST12345698765432")
    assert index == blind_index("linked account", "GB82WEST12345698765432")
    assert len(index) == 64
    assert int(index, 16)
    assert index != blind_index("linked account", "GB82WEST12345698765433")
    assert index != blind_index("id number", "GB82WEST12345698765432")
    # Where the purpose ends is not a matter of the text that follows.
    assert blind_index("ab", "c") != blind_index("a", "bc")


def test_another_key_finds_nothing(settings: LazySettings) -> None:
    index = blind_index("linked account", "1")
    settings.BLIND_INDEX_KEY = "another-key-of-thirty-two-letters"
    assert blind_index("linked account", "1") != index


def test_without_a_key_only_a_developer_works(settings: LazySettings) -> None:
    settings.BLIND_INDEX_KEY, settings.DEBUG = "", True
    assert blind_index("a", "b") == blind_index("a", "b")
    settings.DEBUG = False
    with pytest.raises(ImproperlyConfigured, match="BLIND_INDEX_KEY is not set"):
        blind_index("a", "b")
