"""Constants that migrations share with the application."""
import decimal

DEFAULT_CURRENCY = "EUR"
VAT = {"DE": decimal.Decimal("0.19"), "FR": decimal.Decimal("0.20"), "LU": decimal.Decimal("0.17")}
CURRENCIES = [DEFAULT_CURRENCY, "USD", "CHF"]


def normalise(code: str) -> str:
    """An ISO code as the tables hold it."""
    return code.strip().upper()[:3]
