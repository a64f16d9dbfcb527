"""Phrases of two languages, kept as a message catalogue is: the English sentence with its {fields} is the key."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

_FIELD = re.compile(r"\{([a-z]+)\}")
_LONGEST = 1000  # characters; no reason of ours is so long
# A field of these names matches only this; any other one matches any text.
_NUMBERS = ("all", "bad", "count", "rate", "seconds", "way")
_SHAPES = dict.fromkeys(_NUMBERS, r"[+-]?\d+(?:\.\d+)?") | dict.fromkeys(("scene", "state"), "[A-Z_]+")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that the catalogue knows: its wordings, and what stands in its fields."""

    wordings: Mapping[str, str]
    fields: Mapping[str, str]

    def render(self, lang: str, word: Callable[[str, str], str]) -> str:
        """In 'zh' or 'en'; `word` says what a field's text reads as there."""
        return self.wordings[lang].format_map({name: word(name, text) for name, text in self.fields.items()})


class Catalogue:
    """Finds the first phrase, in the catalogue's order, that a sentence is an instance of.

    A field that stands twice in a key has the same text in both places.
    """

    def __init__(self, phrases: Iterable[tuple[str, str, str]]) -> None:
        """Phrases are (key, Chinese, English); an empty English is the key itself."""
        self._plain: dict[str, Said] = {}
        self._forms: list[tuple[re.Pattern[str], dict[str, str]]] = []
        for key, zh, en in phrases:
            wordings = {"zh": zh, "en": en or key}
            if "{" in key:
                self._forms.append((_pattern(key), wordings))
            else:
                self._plain[key] = Said(wordings, {})

    def find(self, sentence: str) -> Said | None:
        """The phrase of a sentence, or None where it is none of ours."""
        plain = self._plain.get(sentence)
        if plain is not None or len(sentence) > _LONGEST:
            return plain
        for pattern, wordings in self._forms:
            match = pattern.fullmatch(sentence)
            if match is not None:
                return Said(wordings, match.groupdict())
        return None


def _pattern(key: str) -> re.Pattern[str]:
    parts = _FIELD.split(key)
    seen: set[str] = set()
    for place in range(1, len(parts), 2):
        name = parts[place]
        parts[place] = f"(?P={name})" if name in seen else f"(?P<{name}>{_SHAPES.get(name, '.+')})"
        seen.add(name)
    parts[::2] = [re.escape(text) for text in parts[::2]]
    return re.compile("".join(parts))
