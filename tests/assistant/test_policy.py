"""Which section of the policy page answers a question: natural questions to the demo shop's page, and what holds for any page."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.policy import TOPICS_FILE, Topics, find, load_topics
from catalog_data.schema import PolicySection
from tests.assistant.rule_shop import demo

QUESTIONS = {
    "How much does delivery cost?": "Delivery",
    "How long does shipping take?": "Delivery",
    "When would it arrive if I order today?": "Delivery",
    "Do you ship to France?": "Delivery",
    "Can I send it back if it doesn't fit?": "Returns",
    "What is your return policy?": "Returns",
    "How many days do I have to return something?": "Returns",
    "Can I return swimwear?": "Returns",
    "When do I get my money back?": "Refunds",
    "How long does a refund take?": "Refunds",
    "Can I swap it for a bigger size?": "Exchanges",
    "Can I exchange it for another colour?": "Exchanges",
    "What happens if something arrives broken?": "Faulty items",
    "How long is the guarantee?": "Faulty items",
    "I'm between two sizes, which one should I take?": "Sizes",
    "How do I wash a wool jumper?": "Care",
    "How do I look after leather?": "Care",
    "Can I pay by PayPal?": "Payment",
    "Do you take credit cards?": "Payment",
    "Can I use two codes at the same time?": "Offers and codes",
    "How do I become a member?": "Membership",
    "Can you wrap it as a present?": "Gift wrapping",
    "How long is a gift card valid?": "Gift cards",
    "What do you do with my data?": "Privacy",
    "How can I reach you by email?": "Contact",
}
"""Written before the topics were; the page answers each."""

UNSEEN = {
    "Will I get a tracking number?": "Delivery",
    "Do you deliver on Saturdays?": "Delivery",
    "What does it cost to send it to Spain?": "Delivery",
    "How do I print a return label?": "Returns",
    "Can I send shoes back?": "Returns",
    "Can I return worn shoes?": "Returns",
    "Why was my refund smaller than I expected?": "Refunds",
    "How long do I have to exchange something?": "Exchanges",
    "The seam came undone after two weeks, will you repair it?": "Faulty items",
    "How do I know my size?": "Sizes",
    "Can I machine wash cashmere?": "Care",
    "Do you accept Apple Pay?": "Payment",
    "Can I pay later?": "Payment",
    "Is VAT included?": "Payment",
    "Do discounts add up?": "Offers and codes",
    "How do I use a promo code?": "Offers and codes",
    "Is there a loyalty programme?": "Membership",
    "Do you do gift wrap?": "Gift wrapping",
    "Can I put a message in the present?": "Gift wrapping",
    "Can I spend a gift card in parts?": "Gift cards",
    "Do gift cards expire?": "Gift cards",
    "Do you share my information with others?": "Privacy",
    "What is your email address?": "Contact",
    "When can I reach someone?": "Contact",
    "What if my parcel is incomplete?": "Delivery",
}
"""Asked of the topics once they stood."""


@pytest.fixture(scope="module")
def topics() -> Topics:
    return load_topics()


def headings(question: str, topics: Topics, most: int = 2) -> list[str]:
    return [section.heading for section in find(question, demo().policy, topics, most)]


@pytest.mark.parametrize("questions", [QUESTIONS, UNSEEN], ids=["known", "unseen"])
def test_natural_questions_find_their_section(questions: dict[str, str], topics: Topics) -> None:
    wrong = {
        question: headings(question, topics) for question, right in questions.items() if headings(question, topics)[:1] != [right]
    }
    assert len(questions) == 25
    assert len(wrong) <= 2, wrong


@pytest.mark.parametrize("question", ["", "?!", "Is it?", "Do you have a shop in Berlin?", "Who painted the Mona Lisa?"])
def test_what_the_page_does_not_speak_of_finds_nothing(question: str, topics: Topics) -> None:
    assert headings(question, topics) == []


def test_a_second_section_stands_only_beside_an_equal(topics: Topics) -> None:
    assert set(headings("Can I exchange it, and how long does a refund take?", topics)) == {"Refunds", "Exchanges"}
    assert headings("How much does delivery cost?", topics) == ["Delivery"]
    assert len(headings("delivery returns payment privacy care", topics, most=1)) == 1


def test_another_shops_page_is_answered_by_its_own_words(topics: Topics) -> None:
    page = (
        PolicySection(heading="Shipping and postage", anchor="a", text="Two days."),
        PolicySection(heading="Warranty", anchor="b", text="A year on every drill."),
        PolicySection(heading="Hiring tools", anchor="c", text="You can hire a drill by the day."),
    )
    assert find("when is my parcel delivered", page, topics)[0].anchor == "a"
    assert find("it is broken", page, topics)[0].anchor == "b"
    assert find("can I hire something", page, topics)[0].anchor == "c"
    assert find("how do returns work", (), topics) == ()


def test_phrases_are_read_before_their_words(topics: Topics) -> None:
    assert topics.words("Gift cards, a gift, a card.") == ["gift card", "gift", "payment"]
    assert topics.words("I want my money back") == ["refund"]
    assert topics.words("It doesn't, isn't and won't; we'll") == []


def test_the_topics_file_says_each_thing_once() -> None:
    raw = yaml.safe_load(TOPICS_FILE.read_text(encoding="utf-8"))
    words = [word for row in raw["same"] for word in row]
    assert len(set(words)) == len(words), "a word stands for one subject"
    assert not set(words) & set(raw["idle"])
    assert all(isinstance(word, str) for word in (*words, *raw["idle"])), (
        "YAML reads no, yes and on as truth values unless quoted"
    )


def test_a_shop_may_have_topics_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text("same: [[drill, power tool]]\nidle: [the]\n", encoding="utf-8")
    assert load_topics(path).words("the Power-Tool the saw") == ["drill", "saw"]


SECTIONS = st.lists(
    st.builds(PolicySection, heading=st.text(max_size=20), anchor=st.text(max_size=5), text=st.text(max_size=80)), max_size=5
).map(tuple)


@settings(deadline=None)
@given(st.text(max_size=60), SECTIONS, st.integers(1, 4))
def test_any_question_to_any_page(question: str, page: tuple[PolicySection, ...], most: int) -> None:
    found = find(question, page, load_topics_once(), most)
    assert len(found) <= most
    assert all(section in page for section in found)
    for section in found:
        said = set(load_topics_once().words(f"{section.heading} {section.text}"))
        assert said & set(load_topics_once().words(question)), "a section is given for a word that it holds"


def load_topics_once() -> Topics:
    """Small, so that a property may use it without a fixture."""
    return Topics(canon={"return": "return", "send back": "return"}, idle=frozenset({"the", "a"}), longest=2)
