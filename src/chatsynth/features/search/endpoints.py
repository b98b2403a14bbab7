"""`/api/search`: titles and messages in the chats that a person may see."""

from typing import Annotated

from fastapi import APIRouter, Query

from chatsynth.features.accounts.current_user import ReadingUser
from chatsynth.features.search.service import search
from chatsynth.features.search.wire import Hits
from chatsynth.web.context import ContextDep

router = APIRouter(prefix="/api/search", tags=["search"])


@router.get("")
def get_search(
    user: ReadingUser,
    context: ContextDep,
    q: Annotated[str, Query(max_length=500)],
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Hits:
    """Every word must occur; the last one may be unfinished."""
    with context.reading() as db:
        return search(db, user.user_id, q, limit, cursor)
