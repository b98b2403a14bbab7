"""The engine, the one writer with group commit, and the migrations."""
