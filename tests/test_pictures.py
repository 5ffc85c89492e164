"""The example of the pictures is one that lebots could draw today; drawing it needs a browser."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from lebots.core.model.change import WRITES, Action
from lebots.render.plan_view import VERBS
from tests.render.reading import outline

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"


@pytest.fixture(scope="module")
def pictures() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pictures", FOLDER / "make.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_kinds_and_fields_are_those_of_lebots(pictures: ModuleType) -> None:
    for change in pictures.CHANGES:
        known = pictures.KINDS[change.address.kind].by_name
        assert {part.path for part in change.fields} <= known.keys()
        assert all(part.personal == known[part.path].personal for part in change.fields)


def test_both_pictures_show_the_whole_example(pictures: ModuleType) -> None:
    page, comment = outline(pictures.page()), pictures.comment()
    for change in pictures.CHANGES:
        if change.action in WRITES:
            for text in (page, comment.replace("&quot;", '"')):
                assert VERBS[change.action] in text
                assert f'"{change.address.name}"' in text
    assert {change.action for change in pictures.CHANGES} == set(Action)
    assert '<span class="added">+ 1-3 create' in comment


def test_the_pictures_are_there() -> None:
    for name in ("plan-page.png", "plan-comment.png"):
        assert (FOLDER / name).read_bytes().startswith(b"\x89PNG")
