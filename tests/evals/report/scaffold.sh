#!/usr/bin/env bash
# The app that the case audits: an operator-chosen endpoint, an unpinned image.
set -eu
mkdir -p app/src
cat >app/docker-compose.yml <<'YAML'
services:
  bot:
    image: example/bot:latest
    environment:
      - LLM_BASE_URL=${LLM_BASE_URL}
YAML
cat >app/src/bot.py <<'PY'
import os
from openai import OpenAI

client = OpenAI(base_url=os.environ["LLM_BASE_URL"], api_key="unused")
PY
