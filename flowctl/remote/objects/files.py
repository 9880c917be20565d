"""Namespace files: read, written, deleted, listed."""

from __future__ import annotations

import io
import zipfile

from flowctl.flowtext.digests import bytes_digest
from flowctl.model.keys import FileKey
from flowctl.model.live import LiveFile
from flowctl.remote.http import failures
from flowctl.remote.http.transport import Transport
from flowctl.remote.objects import paths
from flowctl.remote.port import Written

# A server unpacks what is uploaded under a name that ends so; another name first, then a move, keeps it whole.
UNPACKED = ".zip"
ASIDE = ".flowctl-upload"


def read_file(transport: Transport, key: FileKey) -> bytes | None:
    """A file's bytes, or None."""
    path = transport.tenant(paths.files(key.namespace))
    answer = transport.get(path, params={"path": key.path}, expect=(404,))
    return None if answer.status == 404 else answer.body


def put_file(transport: Transport, key: FileKey, data: bytes) -> Written:
    """Write a file, whatever was there; repeating this is safe."""
    path = transport.tenant(paths.files(key.namespace))
    if key.path.lower().endswith(UNPACKED):
        _upload(transport, path, key.path + ASIDE, data)
        transport.send("DELETE", path, params={"path": key.path})
        transport.send("PUT", path, params={"from": key.path + ASIDE, "to": key.path}, repeatable=False)
    else:
        _upload(transport, path, key.path, data)
    return Written(None, bytes_digest(data))


def _upload(transport: Transport, path: str, name: str, data: bytes) -> None:
    part = {"fileContent": (name.rpartition("/")[2], data)}
    transport.send("POST", path, params={"path": name}, files=part, repeatable=True)


def delete_file(transport: Transport, key: FileKey) -> bool:
    """Delete a file. A server answers 200 for a missing path too, so this is True unless it says 404."""
    path = transport.tenant(paths.files(key.namespace))
    return transport.send("DELETE", path, params={"path": key.path}, expect=(404,)).status != 404


def list_files(transport: Transport, namespace: str) -> dict[FileKey, LiveFile]:
    """The files of a namespace with their digests: one listing, and one archive when there are any.

    Raises:
        ServerUnreachable: S210, the answer is no listing.
    """
    path = transport.tenant(paths.files(namespace))
    answer = transport.get(path + "/search", params={"q": ""}, expect=(404,))
    if answer.status == 404:
        return {}
    names = answer.json()
    if not isinstance(names, list):
        raise failures.odd_shape(answer.asked, "expected a list of paths")
    keys = [FileKey(namespace, _absolute(str(name))) for name in names]
    contents = _archive(transport, path) if keys else {}
    found = {}
    for key in keys:
        data = contents.get(key.path)
        if data is None:
            data = read_file(transport, key)
        if data is not None:
            found[key] = LiveFile(key, bytes_digest(data), len(data))
    return found


def _archive(transport: Transport, path: str) -> dict[str, bytes]:
    """Contents by path; empty when the server has no such archive, and the files are then read one by one."""
    answer = transport.get(path + "/export", expect=(404, 405))
    if answer.status >= 400:
        return {}
    try:
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            return {_absolute(one.filename): archive.read(one) for one in archive.infolist() if not one.is_dir()}
    except (zipfile.BadZipFile, EOFError, NotImplementedError):
        raise failures.odd_shape(answer.asked, "expected a ZIP file") from None


def _absolute(path: str) -> str:
    return path if path.startswith("/") else "/" + path
