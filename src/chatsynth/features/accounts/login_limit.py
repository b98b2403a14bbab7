"""How often somebody may try a password. Counted in the database, so that a restart does not start over."""

import ipaddress
import math

from sqlalchemy import ColumnElement, and_, delete, func, insert, select

from chatsynth.database.unit import Unit
from chatsynth.features.accounts.tables import login_failures
from chatsynth.realtime.publication import AfterCommit
from chatsynth.web.problems import RateLimited

WINDOW_MS = 15 * 60 * 1000
PER_EMAIL_AND_ADDRESS = 10
PER_EMAIL = 100
PER_ADDRESS = 100
TOO_MANY = "There were too many attempts to sign in. Please try again in {} minutes."


def begin_attempt(unit: Unit[AfterCommit], email: str, address: str) -> None:
    """Counts the attempt as failed before the password is looked at: attempts at the same time count as well.

    Raises RateLimited when there were too many within the window.
    """
    unit.db.execute(delete(login_failures).where(login_failures.c.at <= unit.now_ms - WINDOW_MS))
    origin = address_group(address)
    by_email, by_address = login_failures.c.email == email, login_failures.c.address == origin
    _check(unit, and_(by_email, by_address), PER_EMAIL_AND_ADDRESS)
    _check(unit, by_email, PER_EMAIL)
    _check(unit, by_address, PER_ADDRESS)
    unit.db.execute(insert(login_failures).values(email=email, address=origin, at=unit.now_ms))


def attempt_succeeded(unit: Unit[AfterCommit], email: str, address: str) -> None:
    """This person knows the password: their attempts from here were no attack."""
    unit.db.execute(
        delete(login_failures).where(
            login_failures.c.email == email, login_failures.c.address == address_group(address)
        )
    )


def address_group(address: str) -> str:
    """An IPv6 address stands for its /64, which one customer has as a whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def _check(unit: Unit[AfterCommit], which: ColumnElement[bool], most: int) -> None:
    count, oldest = unit.db.execute(select(func.count(), func.min(login_failures.c.at)).where(which)).one()
    if count >= most:
        wait_s = math.ceil((oldest + WINDOW_MS - unit.now_ms) / 1000)
        raise RateLimited(TOO_MANY.format(math.ceil(wait_s / 60)), max(1, wait_s))
