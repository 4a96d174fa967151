from datetime import timedelta

import pytest

from coins import news
from coins.errors import Invalid


@pytest.fixture
def archive(session, make_coin, now):
    btc, eth = make_coin("BTC"), make_coin("ETH")
    items = [
        ("BTC climbs again", "The price climbed all day.", 0.8),
        ("Quiet markets", "ETH and BTC barely move.", 0.0),
        ("ETH merges", None, 0.5),
        ("Regulators speak", "Regulation of markets; no coin was named.", -0.4),
    ]
    for hours, (title, body, sentiment) in enumerate(items):
        news.publish(session, title, body, now + timedelta(hours=hours), sentiment)
    return btc, eth


@pytest.mark.parametrize(
    "text, found",
    [("BTC up", ["BTC"]), ("(BTC), $ETH!", ["BTC", "ETH"]), ("btc", []), ("BTCX", []), ("", []), ("ETH ETH", ["ETH"])],
)
def test_symbols_are_found_as_words(session, make_coin, text, found):
    ids = {make_coin(symbol).id: symbol for symbol in ("BTC", "ETH")}
    assert [ids[i] for i in news.mentions(session, text)] == found


@pytest.mark.parametrize(
    "words, titles",
    [
        ("climbing", ["BTC climbs again"]),
        ("markets", ["Regulators speak", "Quiet markets"]),
        ("markets -regulation", ["Quiet markets"]),
        ("merges or climb", ["ETH merges", "BTC climbs again"]),
        ('"barely move"', ["Quiet markets"]),
        ("dogs", []),
        ("the", []),
        ("'; drop table news; --", []),
    ],
)
def test_words_are_found_by_their_stems(session, archive, words, titles):
    assert sorted(item.title for item in news.search(session, words)) == sorted(titles)


def test_no_more_is_found_than_was_asked_for(session, archive):
    assert len(news.search(session, "markets", most=1)) == 1


def test_news_are_kept_by_coin_the_newest_first(session, archive):
    btc, eth = archive
    assert [n.title for n in news.about(session, btc.id)] == ["Quiet markets", "BTC climbs again"]
    assert [n.title for n in news.about(session, eth.id)] == ["ETH merges", "Quiet markets"]


def test_the_mood_is_the_mean_of_what_was_written(session, archive, make_coin):
    btc, eth = archive
    assert news.mood(session, btc.id) == pytest.approx(0.4)
    assert news.mood(session, eth.id) == pytest.approx(0.25)
    assert news.mood(session, make_coin("NEW").id) is None


@pytest.mark.parametrize("title, sentiment, words", [("", None, "title"), ("  ", None, "title"), ("x", 1.1, "between"), ("x", -2, "between")])
def test_news_that_make_no_sense_are_refused(session, now, title, sentiment, words):
    with pytest.raises(Invalid, match=words):
        news.publish(session, title, None, now, sentiment)


@pytest.mark.parametrize("text", ["ünïcode — 日本語", "tab\there", "quote ' and \" and \\", "emoji 🚀"])
def test_texts_are_kept_as_they_are(session, now, text):
    item = news.publish(session, text, text, now)
    session.expire(item)
    assert (item.title, item.body) == (text, text)
