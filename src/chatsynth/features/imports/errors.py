"""Why an export could not be read at all."""


class ExportError(Exception):
    """The file as a whole cannot be imported. `code` is for programs and tests, `sentence` for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
