import os


class Config:
    SCHEMA = os.environ.get("LEDGER_SCHEMA", "public")
    PAGE = int(os.getenv("LEDGER_PAGE", "500"))


def get_config():
    return Config()
