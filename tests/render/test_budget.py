"""What is left out of a comment that is too long, in which order, and what is said instead."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.render.comment.budget import BUDGETS, Block, Budget, Part, fitted
from lebots.render.comment.fence import fence
from tests.render.comment import PARSER
from tests.render.hostile import law

MARK = "<!-- mark -->"
WHOLE = BUDGETS["none"]


def part(text: str, *turn: int, instead: str = "and {} more") -> Part:
    return Part([text], turn, instead)


def limited(size: int) -> Budget:
    return Budget("test", size)


def body(text: str) -> str:
    """The comment without its first lines, which tell a digest."""
    return text.split("\n\n", 1)[1]


def test_the_budgets_of_hosts() -> None:
    sizes = {name: budget.bytes for name, budget in BUDGETS.items() if name != "none"}
    assert sizes == {
        "github": 60_000,
        "github-summary": 900_000,
        "gitlab": 900_000,
        "bitbucket": 30_000,
        "azure": 140_000,
        "unknown": 30_000,
    }
    assert all(name == budget.name for name, budget in BUDGETS.items())


def test_what_fits_is_shown_whole() -> None:
    blocks: list[str | Block] = [
        "# head",
        Block("diff", [part("+ a"), part("+ b")]),
        Block("", [part("c")], "Three"),
    ]
    shown = fitted(MARK, blocks, WHOLE)
    assert shown == (
        "<!-- mark -->\n# head\n\n```diff\n+ a\n+ b\n```\n\n"
        "<details><summary>Three</summary>\n\n```\nc\n```\n\n</details>"
    )
    assert fitted(MARK, blocks, limited(len(shown) + 1)) == shown
    assert fitted(MARK, blocks, limited(len(shown))) != shown


def test_what_is_shortened_says_so_first() -> None:
    blocks = [Block("", [part("x" * 2_000)])]
    whole = fitted(MARK, blocks, WHOLE) + "\n"
    digest = sha256(whole.encode()).hexdigest()
    assert fitted(MARK, blocks, limited(1_000)) == (
        "<!-- mark -->\n**Shortened** to fit 1,000 bytes. The whole text (`--budget none`) has "
        f"2,023 bytes, SHA-256 `{digest}`.\n\n```\nand 1 more\n```"
    )
    assert len(whole) == 2_023


LONG = "x" * 300


@pytest.mark.parametrize(
    ("size", "left"),
    [(1_239, "abcd"), (1_238, "abd"), (1_080, "bd"), (780, "b"), (460, "")],
)
def test_the_lowest_turn_goes_first_and_the_last_of_equals(size: int, left: str) -> None:
    blocks = [
        Block("", [part(f"a{LONG}", 1), part(f"b{LONG}", 2), part(f"c{LONG}", 1)]),
        Block("", [part(f"d{LONG}", 1, 5)]),
    ]
    shown = fitted(MARK, blocks, limited(size))
    assert "".join(name for name in "abcd" if f"{name}{LONG}" in shown) == left


def test_what_is_left_out_is_counted_by_its_words() -> None:
    parts = [part("x" * 900, instead="{} more skills"), part("y" * 900, instead="{} more bots")]
    shown = fitted(MARK, [Block("", [*parts, *parts])], limited(900))
    assert body(shown) == "```\n2 more skills\n2 more bots\n```"


def test_one_long_part_does_not_drive_out_what_fits_beside_the_rest() -> None:
    blocks = [Block("", [part("long " * 500), part("short one"), part("short two")])]
    assert body(fitted(MARK, blocks, limited(700))) == (
        "```\nshort one\nshort two\nand 1 more\n```"
    )


def test_fences_stay_as_long_as_they_were() -> None:
    blocks = [Block("", [part("a"), part("x```" * 300)])]
    assert body(fitted(MARK, blocks, limited(700))) == "````\na\nand 1 more\n````"


TEXTS = st.text("ab`\u00e9\U0001f916", max_size=60)
PARTS = st.builds(
    Part,
    st.lists(TEXTS, max_size=3),
    st.tuples(st.integers(0, 2)),
    st.sampled_from(["and {} more", "  {} more: detail left out"]),
)
BLOCKS = st.builds(Block, st.just("diff"), st.lists(PARTS, max_size=8), st.sampled_from(["", "A"]))


@law
@given(st.lists(st.sampled_from(["# head", "words"]) | BLOCKS, max_size=5), st.integers(900, 3_000))
def test_every_text_fits_and_stays_whole(blocks: list[str | Block], size: int) -> None:
    shown = fitted(MARK, blocks, limited(size))
    kinds = [token.type for token in PARSER.parse(shown)]
    assert len(shown.encode()) + 1 <= size
    assert kinds.count("fence") == sum(isinstance(block, Block) for block in blocks)
    assert shown.count("<details>") == shown.count("</details>")
    for block in blocks:
        assert isinstance(block, str) or block.drawn(set()).endswith(("`", "</details>"))


def test_a_block_is_a_fence() -> None:
    assert Block("diff", [part("+ a")]).drawn(set()) == fence("diff", ["+ a"])
