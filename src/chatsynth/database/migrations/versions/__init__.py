"""The steps. A step that was released is never edited; the next change is a new file."""
