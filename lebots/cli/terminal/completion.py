"""What a shell completes: names of the project and its manifests, without any request."""

from collections.abc import Sequence

from lebots.errors import LebotsError


def accounts(incomplete: str) -> Sequence[str]:
    """The accounts of ``lebots.yaml``; nothing where it cannot be read."""
    from lebots.run.inputs.project import load_project

    try:
        return [name for name in load_project().accounts if name.startswith(incomplete)]
    except LebotsError:
        return ()


def declared(incomplete: str) -> Sequence[str]:
    """The addresses of what the manifests here declare; nothing where they are wrong."""
    from lebots.run.inputs.manifests import load

    try:
        found = {str(one.address) for one in load(None)[0]}
    except LebotsError:
        return ()
    return sorted(one for one in found if one.startswith(incomplete))
