"""The pure rules: addresses of people and of machines."""

import pytest

from chatsynth.features.accounts.emails import normalised
from chatsynth.features.accounts.login_limit import address_group
from chatsynth.realtime.errors import Refused


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("a@b", "a@b"),
        (" Ann@Example.Org\n", "ann@example.org"),
        ("\uff41@b.org", "a@b.org"),
        ('"a@b"@c.d', '"a@b"@c.d'),
    ],
)
def test_an_address_has_one_form(written: str, stored: str) -> None:
    assert normalised(written) == stored


@pytest.mark.parametrize("written", ["", "a", "@b", "a@", "a b@c", "a@b\0", "a\u202e@b", "a@" + "b" * 320])
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(Refused):
        normalised(written)


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_customer_is_one_address(address: str, group: str) -> None:
    assert address_group(address) == group
