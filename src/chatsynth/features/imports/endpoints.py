"""`/api/imports`: bringing exports of other platforms into one's library."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool

from chatsynth.features.accounts.current_user import CurrentUser, ReadingUser
from chatsynth.features.imports.demo import queue_demo
from chatsynth.features.imports.job_record import job_of
from chatsynth.features.imports.jobs import ImportJobs
from chatsynth.features.imports.service import ask_cancel, create_job, jobs_of, own_job, refuse_too_many
from chatsynth.features.imports.uploads import Upload, discard
from chatsynth.features.imports.wire import ImportJob, ImportList
from chatsynth.kit.wire_model import Id
from chatsynth.web.context import Context, ContextDep

router = APIRouter(prefix="/api", tags=["imports"])

FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


def import_jobs_of(request: Request) -> ImportJobs:
    jobs = request.app.state.import_jobs
    assert isinstance(jobs, ImportJobs)
    return jobs


JobsDep = Annotated[ImportJobs, Depends(import_jobs_of)]


@router.post("/imports", status_code=202, openapi_extra=FORM)
async def post_import(request: Request, user: CurrentUser, context: ContextDep, jobs: JobsDep) -> ImportJob:
    """Queues an export (zip or JSON) that is sent as the field `file`; the import itself goes on after the answer."""
    await context.read(lambda db: refuse_too_many(db, user.user_id))
    upload = await jobs.uploads.receive(request)
    try:
        job = await _queue(context, user.user_id, upload)
    finally:
        jobs.uploads.settled(upload)
    jobs.kick()
    return job


async def _queue(context: Context, user_id: int, upload: Upload) -> ImportJob:
    try:
        return await context.write(
            lambda unit: create_job(unit, user_id, upload.filename, upload.path, keeps_file=False)
        )
    except BaseException:
        await run_in_threadpool(discard, upload.path)
        raise


@router.get("/imports")
def get_imports(user: ReadingUser, context: ContextDep) -> ImportList:
    """One's own imports, newest first."""
    with context.reading() as db:
        return ImportList(items=jobs_of(db, user.user_id))


@router.get("/imports/{job_id}")
def get_import(job_id: Id, user: ReadingUser, context: ContextDep) -> ImportJob:
    with context.reading() as db:
        return job_of(own_job(db, user.user_id, job_id))


@router.post("/imports/{job_id}/cancel")
async def cancel_import(job_id: Id, user: CurrentUser, context: ContextDep, jobs: JobsDep) -> ImportJob:
    """Ends an import after the chat that is being imported. What is imported stays; importing again completes it."""
    job = await context.write(lambda unit: ask_cancel(unit, user.user_id, job_id))
    jobs.kick()
    return job


@router.post("/demo", status_code=202)
async def post_demo(user: CurrentUser, context: ContextDep, jobs: JobsDep) -> ImportJob:
    """Queues the import of the small library that is shipped with the product."""
    job = await context.write(lambda unit: queue_demo(unit, user.user_id))
    jobs.kick()
    return job
