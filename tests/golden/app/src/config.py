import os

LLM_BASE_URL = os.environ.get("LLM_BASE_URL", "https://llm.example.com/v1")
SIGNING_KEY = os.environ.get("SIGNING_KEY", "do-not-use-this-in-production")


def report_url():
    return "https://stats.example.com/collect"
