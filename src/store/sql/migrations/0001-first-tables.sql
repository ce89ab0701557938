-- Virtual keys, the log of finished requests, and settings.

CREATE TABLE virtual_key (
  key_id         TEXT PRIMARY KEY,
  hash           TEXT NOT NULL UNIQUE,      -- HMAC-SHA-256 of the key under the installation's pepper
  hint           TEXT NOT NULL,
  name           TEXT NOT NULL,
  role           TEXT NOT NULL CHECK (role IN ('inference', 'admin')),
  models         TEXT,                      -- JSON array; NULL allows all
  direct_targets INTEGER NOT NULL CHECK (direct_targets IN (0, 1)),
  tags           TEXT NOT NULL,             -- JSON array
  created_at_ms  INTEGER NOT NULL,
  expires_at_ms  INTEGER,
  revoked_at_ms  INTEGER
) STRICT;

-- Attempts are JSON inside the row and not a table of their own: they are only ever read together with their request, a
-- row stays one insert, and retention stays one delete. What lists filter by has a column: target, attempt_count.
CREATE TABLE request_log (
  sequence             INTEGER PRIMARY KEY,
  request_id           TEXT NOT NULL UNIQUE,
  started_at_ms        INTEGER NOT NULL,
  duration_ms          REAL NOT NULL,
  overhead_ms          REAL NOT NULL,
  first_token_ms       REAL,
  protocol             TEXT NOT NULL,
  operation            TEXT NOT NULL,
  model                TEXT,
  model_known          INTEGER NOT NULL,
  key_id               TEXT,
  tags                 TEXT NOT NULL,       -- JSON array
  stream               INTEGER NOT NULL,
  status               INTEGER NOT NULL,
  error_kind           TEXT,
  error_message        TEXT,
  target               TEXT,
  route_reason         TEXT,
  finish_reason        TEXT,
  finish_stop_sequence TEXT,
  finish_raw           TEXT,
  usage_source         TEXT,                -- NULL: no usage at all
  input                INTEGER,
  input_audio          INTEGER,
  cache_read           INTEGER,
  cache_write_5m       INTEGER,
  cache_write_1h       INTEGER,
  output               INTEGER,
  output_audio         INTEGER,
  reasoning            INTEGER,
  web_searches         INTEGER,
  cost_nanodollars     INTEGER,
  attempt_count        INTEGER NOT NULL,
  attempts             TEXT NOT NULL,       -- JSON array
  warnings             TEXT NOT NULL,       -- JSON array
  request_bytes        INTEGER NOT NULL,
  answer_bytes         INTEGER NOT NULL
) STRICT;

-- Every index ends in the row's sequence by itself, so each of these gives the order of a list: newest start first.
CREATE INDEX request_log_time ON request_log (started_at_ms);
CREATE INDEX request_log_key ON request_log (key_id, started_at_ms);
CREATE INDEX request_log_model ON request_log (model, started_at_ms);
CREATE INDEX request_log_target ON request_log (target, started_at_ms);
-- Few rows are failures, so these cost next to nothing.
CREATE INDEX request_log_failed ON request_log (status, started_at_ms) WHERE status >= 400;
CREATE INDEX request_log_failed_time ON request_log (started_at_ms) WHERE status >= 400;
CREATE INDEX request_log_recovered ON request_log (started_at_ms) WHERE status < 400 AND attempt_count > 1;

CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
