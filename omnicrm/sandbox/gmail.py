"""Gmail API v1: /gmail/v1/users/{userId}/…"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from email.message import Message as Mime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from omnicrm.sandbox import answers, mail_query
from omnicrm.sandbox.access import Caller, json_body
from omnicrm.sandbox.answers import Problem, bad_request, insufficient, number
from omnicrm.sandbox.mailbox import HISTORY_TYPES, SYSTEM_LABELS, Change, Message

Handler = Callable[[Request, Caller], Awaitable[Any]]

GMAIL = "https://www.googleapis.com/auth/gmail."
FULL = "https://mail.google.com/"
READ = (GMAIL + "readonly", GMAIL + "modify", FULL)
METADATA = (*READ, GMAIL + "metadata")
SEND = (GMAIL + "send", GMAIL + "compose", GMAIL + "modify", FULL)
WRITE = (GMAIL + "modify", FULL)

# quota units of a call (developers.google.com/workspace/gmail/api/reference/quota)
UNITS = {"profile": 1, "labels": 1, "list": 5, "history": 2, "get": 20, "thread": 40, "send": 100, "modify": 5}


def endpoint(units: str, scopes: tuple[str, ...]) -> Callable[[Handler], Callable[[Request], Awaitable[Response]]]:
    """The door of each call: who is asking, may they, have they units left; problems in Gmail's shape."""

    def wrap(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            try:
                caller = Caller.of(request, scopes)
                user = request.path_params["user"]
                if user not in ("me", caller.account.email):
                    raise Problem(403, "forbidden", f"Delegation denied for {caller.account.email}")
                caller.store.spend(caller.account.email, UNITS[units])
                answer = await handler(request, caller)
                return Response(status_code=204) if answer is None else JSONResponse(answer)
            except Problem as problem:
                return problem.response("gmail")

        return serve

    return wrap


@endpoint("profile", METADATA)
async def profile(request: Request, caller: Caller) -> Any:
    box = caller.account.mailbox
    return {
        "emailAddress": caller.account.email,
        "messagesTotal": len(box.messages),
        "threadsTotal": len({message.thread_id for message in box.messages.values()}),
        "historyId": str(box.history_id),
    }


@endpoint("list", METADATA)
async def messages(request: Request, caller: Caller) -> Any:
    found, next_page, total = _search(request, caller, most=500)
    answer: dict[str, Any] = {"resultSizeEstimate": total}
    if found:
        answer["messages"] = [{"id": message.id, "threadId": message.thread_id} for message in found]
    return answer | ({"nextPageToken": next_page} if next_page else {})


@endpoint("get", METADATA)
async def message(request: Request, caller: Caller) -> Any:
    kind = _format(request, caller)
    names = request.query_params.getlist("metadataHeaders")
    return _shown(caller.account.mailbox.get(request.path_params["id"]), kind, names)


@endpoint("get", READ)
async def attachment(request: Request, caller: Caller) -> Any:
    parts = list(caller.account.mailbox.get(request.path_params["id"]).mime.walk())
    try:
        data = parts[int(request.path_params["attachment"].removeprefix("part"))].get_payload(decode=True)
    except (ValueError, IndexError):
        raise answers.not_found("gmail") from None
    content = data if isinstance(data, bytes) else b""
    return {"size": len(content), "data": _b64(content)}


@endpoint("thread", METADATA)
async def thread(request: Request, caller: Caller) -> Any:
    own = [m for m in caller.account.mailbox.messages.values() if m.thread_id == request.path_params["id"]]
    if not own:
        raise answers.not_found("gmail")
    kind, names = _format(request, caller), request.query_params.getlist("metadataHeaders")
    return {
        "id": own[0].thread_id,
        "historyId": str(max(m.history_id for m in own)),
        "messages": [_shown(m, kind, names) for m in sorted(own, key=lambda m: m.at_ms)],
    }


@endpoint("list", METADATA)
async def threads(request: Request, caller: Caller) -> Any:
    found, next_page, total = _search(request, caller, most=500)
    newest = {m.thread_id: m for m in reversed(found)}
    listed = [{"id": key, "historyId": str(m.history_id), "snippet": _snippet(m)} for key, m in newest.items()]
    return {"threads": listed, "resultSizeEstimate": total} | ({"nextPageToken": next_page} if next_page else {})


@endpoint("history", METADATA)
async def history(request: Request, caller: Caller) -> Any:
    box, query = caller.account.mailbox, request.query_params
    if "startHistoryId" not in query:
        raise bad_request("Missing required parameter: startHistoryId", location="startHistoryId", reason="required")
    start = number(query["startHistoryId"], 0, 1, 2**62, "startHistoryId")
    kinds = query.getlist("historyTypes") or list(HISTORY_TYPES)
    if unknown := set(kinds) - set(HISTORY_TYPES):
        raise bad_request(f"Invalid value at 'history_types': {unknown.pop()}", location="historyTypes")
    changes = [c for c in box.since(start) if c.kind in kinds and _in_label(c, query.get("labelId"), box.messages)]
    size = number(query.get("maxResults"), 100, 1, 500, "maxResults")
    first = number(query.get("pageToken"), 0, 0, 2**62, "pageToken")
    page = [change for change in changes if change.id > first][:size]
    answer: dict[str, Any] = {"historyId": str(box.history_id)}
    if page:
        answer["history"] = [_record(change, box.messages.get(change.message_id)) for change in page]
        if page[-1] is not changes[-1]:
            answer["nextPageToken"] = str(page[-1].id)
    return answer


@endpoint("labels", METADATA)
async def labels(request: Request, caller: Caller) -> Any:
    return {"labels": caller.account.mailbox.labels()}


@endpoint("labels", METADATA)
async def label(request: Request, caller: Caller) -> Any:
    found = next((one for one in caller.account.mailbox.labels() if one["id"] == request.path_params["id"]), None)
    if found is None:
        raise answers.not_found("gmail")
    own = [m for m in caller.account.mailbox.messages.values() if found["id"] in m.labels]
    unread = sum("UNREAD" in m.labels for m in own)
    return found | {"messagesTotal": len(own), "messagesUnread": unread}


@endpoint("modify", WRITE)
async def modify(request: Request, caller: Caller) -> Any:
    body = await json_body(request)
    known = {*SYSTEM_LABELS, *caller.account.mailbox.user_labels}
    add, remove = body.get("addLabelIds", []), body.get("removeLabelIds", [])
    if unknown := ({*add, *remove} - known):
        raise bad_request(f"Invalid label: {sorted(unknown)[0]}", reason="invalidArgument")
    return _shown(caller.account.mailbox.relabel(request.path_params["id"], add, remove), "minimal", [])


@endpoint("send", SEND)
async def send(request: Request, caller: Caller) -> Any:
    body = await json_body(request)
    try:
        raw = base64.urlsafe_b64decode(body["raw"] + "=" * (-len(body["raw"]) % 4))
    except (KeyError, TypeError, binascii.Error):
        raise bad_request(
            "'raw' RFC822 payload message string or uploading message via /upload/* URL required"
        ) from None
    sent = caller.account.mailbox.deliver(raw, ["SENT"])
    for header in ("To", "Cc", "Bcc"):
        for address in str(sent.mime.get(header, "")).split(","):
            other = caller.store.accounts.get(address.strip(" >").rpartition("<")[2].strip())
            if other is not None and other is not caller.account:
                other.mailbox.deliver(raw)
    return {"id": sent.id, "threadId": sent.thread_id, "labelIds": sent.labels}


def routes() -> list[Route]:
    root = "/gmail/v1/users/{user}"
    return [
        Route(f"{root}/profile", profile),
        Route(f"{root}/messages", messages),
        Route(f"{root}/messages/send", send, methods=["POST"]),
        Route(f"{root}/messages/{{id}}", message),
        Route(f"{root}/messages/{{id}}/modify", modify, methods=["POST"]),
        Route(f"{root}/messages/{{id}}/attachments/{{attachment}}", attachment),
        Route(f"{root}/threads", threads),
        Route(f"{root}/threads/{{id}}", thread),
        Route(f"{root}/history", history),
        Route(f"{root}/labels", labels),
        Route(f"{root}/labels/{{id}}", label),
    ]


def _search(request: Request, caller: Caller, most: int) -> tuple[list[Message], str | None, int]:
    """One page, newest first. The page token names the last message seen, so that new mail does not shift pages."""
    query = request.query_params
    if "q" in query and not caller.may(READ):
        raise Problem(403, "forbidden", "Metadata scope does not support 'q' parameter")
    size = number(query.get("maxResults"), 100, 1, most, "maxResults")
    text = query.get("q", "")
    try:
        wanted = mail_query.matches(text) if text else None
    except (ValueError, KeyError, IndexError):
        wanted = lambda message: False  # noqa: E731  # Gmail answers a query that it cannot read with nothing
    hidden = () if answers.flag(query.get("includeSpamTrash")) or _asks_for_hidden(text) else ("SPAM", "TRASH")
    label_ids = query.getlist("labelIds")
    found = [
        message
        for message in caller.account.mailbox.newest_first()
        if not any(label in message.labels for label in hidden)
        and all(label in message.labels for label in label_ids)
        and (wanted is None or wanted(message))
    ]
    begin = 0
    if "pageToken" in query:
        at_ms, _, identity = _unpacked(query["pageToken"]).partition(":")
        begin = next((i for i, m in enumerate(found) if (m.at_ms, m.id) < (int(at_ms), identity)), len(found))
    page = found[begin : begin + size]
    more = begin + size < len(found)
    return page, (_b64(f"{page[-1].at_ms}:{page[-1].id}".encode()) if more else None), len(found)


def _asks_for_hidden(text: str) -> bool:
    return any(f"in:{place}" in text and f"-in:{place}" not in text for place in ("anywhere", "spam", "trash"))


def _unpacked(token: str) -> str:
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        int(text.partition(":")[0])
        return text
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise bad_request("Invalid pageToken", location="pageToken", reason="invalidArgument") from None


def _format(request: Request, caller: Caller) -> str:
    kind = request.query_params.get("format", "full").lower()
    if kind not in ("raw", "full", "metadata", "minimal"):
        raise bad_request(f"Invalid value at 'format': {kind}", location="format")
    if kind in ("raw", "full") and not caller.may(READ):
        raise insufficient()
    return kind


def _shown(message: Message, kind: str, names: list[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": message.id,
        "threadId": message.thread_id,
        "labelIds": message.labels,
        "snippet": _snippet(message),
        "historyId": str(message.history_id),
        "internalDate": str(message.at_ms),
        "sizeEstimate": len(message.raw),
    }
    if kind == "raw":
        shown["raw"] = _b64(message.raw)
    elif kind == "full":
        shown["payload"] = _part(message.mime, "", iter(range(1000)))
    elif kind == "metadata":
        mime, wanted = message.mime, {name.lower() for name in names}
        shown["payload"] = {
            "mimeType": mime.get_content_type(),
            "headers": [h for h in _headers(mime) if not wanted or h["name"].lower() in wanted],
        }
    return shown


def _part(mime: Mime, part_id: str, counter: Any) -> dict[str, Any]:
    place = next(counter, 1000)
    part: dict[str, Any] = {
        "partId": part_id,
        "mimeType": mime.get_content_type(),
        "filename": mime.get_filename() or "",
        "headers": _headers(mime),
        "body": {"size": 0},
    }
    if mime.is_multipart():
        prefix = f"{part_id}." if part_id else ""
        part["parts"] = [_part(inner, f"{prefix}{i}", counter) for i, inner in enumerate(_inner(mime))]
        return part
    content = mime.get_payload(decode=True)
    content = content if isinstance(content, bytes) else b""
    part["body"] = {"size": len(content)}
    if part["filename"]:
        part["body"]["attachmentId"] = f"part{place}"
    else:
        part["body"]["data"] = _b64(content)
    return part


def _inner(mime: Mime) -> list[Mime]:
    payload = mime.get_payload()
    return [part for part in payload if isinstance(part, Mime)] if isinstance(payload, list) else []


def _headers(mime: Mime) -> list[dict[str, str]]:
    return [{"name": name, "value": str(value)} for name, value in mime.items()]


def _snippet(message: Message) -> str:
    for part in message.mime.walk():
        if part.get_content_type() == "text/plain":
            content = part.get_payload(decode=True)
            return " ".join((content if isinstance(content, bytes) else b"").decode("utf-8", "replace").split())[:150]
    return ""


def _record(change: Change, message: Message | None) -> dict[str, Any]:
    short: dict[str, Any] = {"id": change.message_id, "threadId": change.thread_id}
    full = short | ({"labelIds": message.labels} if message else {})
    entry: dict[str, Any] = {"message": full}
    if change.kind.startswith("label"):
        entry["labelIds"] = change.labels
    plural = {"messageAdded": "messagesAdded", "messageDeleted": "messagesDeleted"}
    name = plural.get(change.kind, change.kind.replace("label", "labels"))
    return {"id": str(change.id), "messages": [short], name: [entry]}


def _in_label(change: Change, label_id: str | None, known: dict[str, Message]) -> bool:
    if label_id is None:
        return True
    message = known.get(change.message_id)
    return label_id in change.labels or (message is not None and label_id in message.labels)


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()
