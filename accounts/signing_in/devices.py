"""The device that sends a request, as its session shows it."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework.request import Request

from accounts.credentials.rates import client_address
from accounts.models import Device

CLIENT_LENGTH = 200
# What is kept of an address: a provider's part, which tells the region and not the household.
PREFIXES = {4: 24, 6: 48}


def device_of(request: Request, values: Mapping[str, Any] | None = None) -> Device:
    """Return the device that sent the request. `values` are those of the body of a sign-in.

    A sign-up with an id from the client and without an id of the device uses that one, so that a
    repeated request does not start a second session.
    """
    values = values or {}
    device_id = values.get("device_id") or values.get("uuid")
    return Device(
        id=str(device_id) if device_id else None,
        label=shown(values.get("device") or ""),
        client=client_of(request),
        network=shown_network(request) if settings.SESSION_NETWORKS else "",
    )


def shown(name: str) -> str:
    """Return a name without what controls a line or its direction; it never stops a sign-in."""
    return "".join(c for c in name if c.isprintable()).strip()


def client_of(request: Request) -> str:
    """Return the User-Agent, shortened and without what cannot be shown."""
    agent = str(request.META.get("HTTP_USER_AGENT", ""))
    return "".join(c for c in agent if c.isascii() and c.isprintable())[:CLIENT_LENGTH].strip()


def shown_network(request: Request) -> str:
    """Return the network of the client's address, or an empty text if it has none."""
    try:
        address = ipaddress.ip_interface(client_address(request)).ip
    except ValueError:
        return ""
    return str(ipaddress.ip_network((address, PREFIXES[address.version]), strict=False))
