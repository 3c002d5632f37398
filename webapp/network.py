"""What this machine is called on its local network, for those who are to reach it from a telephone; and whose an address is."""

import ipaddress
import socket

import ifaddr
from flask import Request

from webapp.origins import scheme

# What one household or school is given of IPv6 (RFC 6177): whoever has one address there has all of them.
SITE_BITS = 56


def network_of(address: str) -> str:
    """Whose `address` is, as far as it can be told: an IPv4 address itself, of an IPv6 address the site's network."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, SITE_BITS), strict=False))


def lan_addresses() -> list[str]:
    """The IPv4 addresses of this machine that others can reach, the likeliest first."""
    found = [
        ip.ip
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if isinstance(ip.ip, str) and _is_reachable(ip.ip)
    ]
    first = _way_out()
    return sorted(
        dict.fromkeys(found), key=lambda address: (address != first, not ipaddress.ip_address(address).is_private)
    )


def _is_reachable(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    return not (ip.is_loopback or ip.is_link_local or ip.is_unspecified)


def _way_out() -> str:
    """The address that packets to other machines leave from; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))  # an address of RFC 5737, which is nobody's
        except OSError:
            return ""  # no network, or one without a way out
        return str(probe.getsockname()[0])


def names() -> list[str]:
    """The names of this machine, as a network may know them."""
    name = socket.gethostname().split(".")[0].lower()
    return [name, f"{name}.local"] if name and name != "localhost" else []


def class_host(address: str) -> str:
    """The name or address that pupils type: `address` where it is given, else the machine's own guess."""
    return address or next(iter(lan_addresses()), "127.0.0.1")


def way_in(base: str, explain_first: bool) -> str:
    """`base` as a QR code has it: by plain http where the certificate is our own, so that the warning is explained before it comes."""
    return base.replace("https://", "http://") if explain_first else base


def join_address(request: Request, address: str) -> str:
    """Where a pupil reaches this server, as "https://host:port": as the teacher does, unless that is this machine's own name."""
    host, _, port = request.host.partition(":")
    if address or host in ("127.0.0.1", "localhost"):
        host = class_host(address)
        return f"https://{host}" + (f":{port}" if port and ":" not in host else "")
    return f"{scheme(request.environ)}://{request.host}"
