"""The proxy that the variables of the machine name for an address, as the HTTP library reads them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

VARIABLES = "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY"
_NAMES = ("all_proxy", "http_proxy", "https_proxy")


def unusable_proxies(environ: Mapping[str, str]) -> list[str]:
    """The variables whose proxies the HTTP library cannot use, with the reason where one can be given; no values."""
    return [
        name + (": flowctl speaks to proxies by HTTP, not by SOCKS" if value.lower().startswith("socks") else "")
        for name, value in sorted(environ.items())
        if name.lower() in _NAMES and value and not _usable(value)
    ]


def _usable(proxy: str) -> bool:
    import httpx

    try:
        httpx.Client(proxy=proxy if "://" in proxy else f"http://{proxy}", verify=False).close()
    except (ValueError, ImportError, httpx.InvalidURL):
        return False
    return True


def proxy_for(address: str) -> str | None:
    """HOST:PORT of the proxy that requests to `address` go through, None without one; never a credential of it."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(address)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.hostname or ""):
        return None
    found = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    return found.netloc.rpartition("@")[2] or "?"


def bypassed(address: str) -> bool:
    """Whether there is a proxy, and NO_PROXY takes this address out."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(address)
    proxies = getproxies()
    return bool(proxies.get(parts.scheme) or proxies.get("all")) and bool(proxy_bypass(parts.hostname or ""))
