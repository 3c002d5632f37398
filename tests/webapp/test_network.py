"""Whose an address is."""

import pytest

from webapp.network import network_of


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("2001:db8:0:1200::1", "2001:db8:0:12ff:1:2:3:4", True),
        ("2001:db8:0:1200::1", "2001:db8:0:1300::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("", "192.0.2.7", False),
    ],
    ids=repr,
)
def test_whoever_has_one_address_of_a_site_has_all_of_them(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same
