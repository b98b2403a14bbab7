"""Who may do what: every route and every live command, for everybody who can ask. One place to read it.

The columns, from left to right:

- `owner`, `editor`, `viewer`: members of the chat that the request is about. The chat, and what else has a number
  here (a token, an import, an invitation), belongs to the owner.
- `former`: was an editor of the chat until the owner took the right back.
- `stranger`: has an account, and nothing to do with the chat.
- `admin`: administers the server, and has nothing to do with the chat either.
- `ended`: everybody whose sign-in is none: an editor whose account is disabled, the owner with a token that has
  expired, with one that was revoked, with a login that was signed out, with a wrong token, and with nothing at all.

A refusal changes nothing in the database, and 404 reads the same whether the thing exists or not.
"""

ROUTES = """
                                                       owner editor viewer former stranger admin ended
GET    /api/setup                                      200   200    200    200    200      200   200
POST   /api/accounts                                   201   201    201    201    201      201   201
POST   /api/login                                      200   200    200    200    200      200   200
POST   /api/logout                                     204   204    204    204    204      204   204
POST   /api/logout-everywhere                          204   204    204    204    204      204   401
GET    /api/me                                         200   200    200    200    200      200   401
PATCH  /api/me                                         200   200    200    200    200      200   401
POST   /api/me/password                                204   204    204    204    204      204   401

GET    /api/tokens                                     200   200    200    200    200      200   401
POST   /api/tokens                                     201   201    201    201    201      201   401
DELETE /api/tokens/{token_id}                          204   404    404    404    404      404   401

GET    /api/invitations                                403   403    403    403    403      200   401
POST   /api/invitations                                403   403    403    403    403      201   401
POST   /api/invitation-checks                          200   200    200    200    200      200   200
DELETE /api/invitations/{invitation_id}                403   403    403    403    403      204   401
GET    /api/users                                      403   403    403    403    403      200   401
PATCH  /api/users/{user_id}                            403   403    403    403    403      200   401
GET    /api/admin/health                               403   403    403    403    403      200   401
POST   /api/admin/integrity-check                      403   403    403    403    403      200   401

GET    /api/chats                                      200   200    200    200    200      200   401
POST   /api/chats                                      201   201    201    201    201      201   401
GET    /api/chats/{chat_id}                            200   200    200    404    404      404   401
GET    /api/chats/{chat_id}/removed                    200   200    200    404    404      404   401
PATCH  /api/chats/{chat_id}                            200   200    403    404    404      404   401
DELETE /api/chats/{chat_id}                            200   403    403    404    404      404   401
POST   /api/chats/{chat_id}/restore                    200   403    403    404    404      404   401
POST   /api/chats/{chat_id}/messages                   201   201    403    404    404      404   401
PATCH  /api/chats/{chat_id}/messages/{message_id}      200   200    403    404    404      404   401
DELETE /api/chats/{chat_id}/messages/{message_id}      200   200    403    404    404      404   401
POST   /api/chats/{chat_id}/messages/{message_id}/restore   200   200    403    404    404      404   401
POST   /api/chats/{chat_id}/messages/{message_id}/move      200   200    403    404    404      404   401
POST   /api/chats/{chat_id}/messages/{message_id}/select    200   200    403    404    404      404   401

GET    /api/chats/{chat_id}/members                    200   200    200    404    404      404   401
PUT    /api/chats/{chat_id}/members                    200   403    403    404    404      404   401
DELETE /api/chats/{chat_id}/members/{user_id}          204   403    403    404    404      404   401

GET    /api/notifications                              200   200    200    200    200      200   401
POST   /api/notifications/read                         204   204    204    204    204      204   401
GET    /api/search                                     200   200    200    200    200      200   401

GET    /api/imports                                    200   200    200    200    200      200   401
POST   /api/imports                                    409   409    409    409    409      409   401
GET    /api/imports/{job_id}                           200   404    404    404    404      404   401
POST   /api/imports/{job_id}/cancel                    200   404    404    404    404      404   401
POST   /api/demo                                       409   409    409    409    409      409   401

GET    /api/openapi.json                               200   200    200    200    200      200   200
GET    /healthz                                        200   200    200    200    200      200   200
GET    /readyz                                         200   200    200    200    200      200   200
GET    /metrics                                        403   403    403    403    403      200   401
GET    /{path:page}                                    200   200    200    200    200      200   200
"""
"""409 means: may begin an import, but has as many under way as one may have."""

COMMANDS = """
                     owner   editor    viewer    former    stranger  admin
chat_update          ack     ack       forbidden not_found not_found not_found
chat_create          ack     ack       ack       ack       ack       ack
chat_retitle         ack     ack       forbidden not_found not_found not_found
chat_archive         ack     forbidden forbidden not_found not_found not_found
chat_delete          ack     forbidden forbidden not_found not_found not_found
chat_restore         ack     forbidden forbidden not_found not_found not_found
message_add          ack     ack       forbidden not_found not_found not_found
message_remove       ack     ack       forbidden not_found not_found not_found
message_restore      ack     ack       forbidden not_found not_found not_found
message_move         ack     ack       forbidden not_found not_found not_found
branch_select        ack     ack       forbidden not_found not_found not_found
chat_share           ack     forbidden forbidden not_found not_found not_found
chat_unshare         ack     forbidden forbidden not_found not_found not_found
notification         ack     ack       ack       ack       ack       ack
notifications_read   ack     ack       ack       ack       ack       ack
"""
"""Over the WebSocket. Whose sign-in has ended gets no connection at all (`LISTENING`)."""

LISTENING = """
                     owner       editor      viewer      former         stranger       admin          ended
hello                heads       heads       heads       forbidden      forbidden      forbidden      4504
subscribe            subscribed  subscribed  subscribed  forbidden      forbidden      forbidden      4504
presence             shown       shown       shown       not_subscribed not_subscribed not_subscribed 4504
heartbeat            heads       heads       heads       nothing        nothing        nothing        4504
unsubscribe          done        done        done        done           done           done           4504
own address          welcome     welcome     welcome     welcome        welcome        welcome        4504
another's address    4505        4505        4505        4505           4505           4505           4504
"""
"""The frames of the live core about the chat's channel, and `/ws/{user_id}` itself."""

Table = dict[str, dict[str, str]]


def parse_table(text: str) -> Table:
    """Row by row: what is asked for, and the outcome for each column. The outcomes are the last words of a line."""
    head, *lines = [line for line in text.splitlines() if line.strip()]
    columns = head.split()
    rows: Table = {}
    for line in lines:
        words = line.split()
        name = " ".join(words[: -len(columns)])
        assert name not in rows, f"{name} stands in the table twice"
        rows[name] = dict(zip(columns, words[-len(columns) :], strict=True))
    return rows
