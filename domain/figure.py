"""How a number with its unit reads in Chinese and in English: −14.8 ℃, 36.00 元/kg."""

# UCUM codes as people read them; the rest read as they are.
_SIGNS = {"Cel": "°C", "[degF]": "°F", "1": "", "[ppm]": "ppm"}
_WORDS = {
    "zh": {"Cel": "℃", "{fen}": "分", "{fen}/kg": "分/kg", "s": "秒", "min": "分钟", "h": "小时", "d": "天"},
    "en": {"{fen}": "fen", "{fen}/kg": "fen/kg", "d": "days"},
}
# Prices are kept in fen and said in yuan.
_MONEY = {"{fen}": {"zh": "元", "en": "yuan"}, "{fen}/kg": {"zh": "元/kg", "en": "yuan/kg"}}


def sign(lang: str, code: str) -> str:
    """The sign of a UCUM unit in 'zh' or 'en'."""
    return (_SIGNS | _WORDS[lang]).get(code, code)


def number(value: float) -> str:
    """Two decimals at most, four significant digits below one, thousands whole."""
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace("-", "\N{MINUS SIGN}")
    text = f"{value:.4g}" if abs(value) < 1 else f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace("-", "\N{MINUS SIGN}")


def measured(value: float, unit: str, lang: str) -> str:
    """A value in its UCUM unit, in a sentence; money in yuan."""
    if unit in _MONEY:
        return f"{value / 100:.2f} {_MONEY[unit][lang]}".replace("-", "\N{MINUS SIGN}")
    return f"{number(value)} {sign(lang, unit)}".rstrip()
