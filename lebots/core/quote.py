"""Names inside sentences."""

import json

from lebots.core.model import Value


def quoted(name: Value) -> str:
    """The name in double quotes; one that holds quotes or line breaks cannot end the sentence."""
    return json.dumps(str(name), ensure_ascii=False)
