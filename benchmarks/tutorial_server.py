"""What FastAPI's tutorial on WebSockets teaches, as the reference that people would otherwise write themselves."""

import sys

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
connections: list[WebSocket] = []


@app.get("/readyz")
def ready() -> dict[str, str]:
    return {"status": "ready"}


@app.websocket("/ws/{user_id}")
async def live(websocket: WebSocket, user_id: int) -> None:  # noqa: ARG001 - part of the address
    await websocket.accept()
    connections.append(websocket)
    try:
        while True:
            message = await websocket.receive_json()
            for connection in connections:
                await connection.send_json(message)
    except WebSocketDisconnect:
        connections.remove(websocket)


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="warning", backlog=2048)
