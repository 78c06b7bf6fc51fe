"""Every word that a person reads, by language and page: `words/en/goal.toml` holds what begins with `goal.`."""

from proofkit_ui.web.words.loading import LANGUAGES, Words, load_words

__all__ = ["LANGUAGES", "Words", "load_words"]
