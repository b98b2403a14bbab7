"""The glue to FastAPI and uvicorn. Knows no feature."""
