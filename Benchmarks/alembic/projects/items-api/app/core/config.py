import os


class Settings:
    PROJECT_NAME = "items"

    @property
    def SQLALCHEMY_DATABASE_URI(self) -> str:
        return os.environ["DATABASE_URL"]


settings = Settings()
