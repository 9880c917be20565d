"""What a failed TLS handshake means, from the words of the TLS library."""

from __future__ import annotations

_UNTRUSTED = (
    "cannot be trusted",
    "name the authority's file as `tls.ca` of the environment, or correct the certificate or the address",
)
_TABLE: tuple[tuple[tuple[str, ...], tuple[str, str]], ...] = (
    (
        ("wrong_version_number", "record_layer", "unknown_protocol", "http_request", "packet_length"),
        ("does not speak TLS", "write `server` with http://, or name the port that speaks TLS"),
    ),
    (
        ("has expired", "not yet valid"),
        (
            "shows a certificate that is not valid today",
            "renew the server's certificate; if it is in order, this machine's clock is wrong",
        ),
    ),
    (
        ("mismatch, certificate", "doesn't match"),
        (
            "shows a certificate for another name",
            "write a name in `server` that the certificate has, or give the server a certificate for this one",
        ),
    ),
    (
        ("self-signed", "self signed", "issuer certificate"),
        (
            "shows a certificate of an authority that is not known here",
            "name the authority's file as `tls.ca` of the environment; a proxy on the way may have its own",
        ),
    ),
    (
        ("alert_certificate_required", "alert certificate required", "alert bad certificate", "alert unknown ca"),
        ("does not accept the client certificate, or wants one", "name `tls.cert` and `tls.key` of the environment"),
    ),
    (
        ("alert",),
        (
            "ends the TLS handshake",
            "it may want a client certificate (`tls.cert`, `tls.key`), or another version of TLS",
        ),
    ),
)


def is_tls(text: str) -> bool:
    """Whether an error's text is about TLS."""
    lowered = text.lower()
    return any(word in lowered for word in ("certificate", "[ssl", "ssl:", "tls"))


def tls_failure(text: str) -> tuple[str, str]:
    """What the server does, in words that follow its name, and what to do."""
    lowered = text.lower()
    return next((said for words, said in _TABLE if any(word in lowered for word in words)), _UNTRUSTED)
