#!/bin/sh
# Plain HTTP. The models in "models" stand in, in their order, when "model" fails.
curl -sS "${BELLWETHER_URL:-http://127.0.0.1:8484}/v1/chat/completions" \
  -H "Authorization: Bearer $BELLWETHER_KEY" \
  -H 'content-type: application/json' \
  -d '{
    "model": "gpt-4.1",
    "models": ["claude-sonnet-4.5", "gemini-2.5-flash"],
    "messages": [{ "role": "user", "content": "What is 12 * 12?" }]
  }'
