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

-- A row is written for every request, so it is narrow: what lists filter by and sums add up has a column, everything else
-- is JSON in `detail`, attempts included, because they are only ever read together with their request.
CREATE TABLE request_log (
  -- Start in milliseconds * 2^20 + a number among the rows of that millisecond: the table lies in the order of its lists
  -- without an index for it, and new rows go to its end.
  sequence         INTEGER PRIMARY KEY,
  started_at_ms    INTEGER AS (sequence / 1048576) VIRTUAL,
  request_id       TEXT NOT NULL UNIQUE,    -- begins with its time, so this index grows at its end too
  key_id           TEXT,
  model            TEXT,
  target           TEXT,
  stream           INTEGER NOT NULL,
  status           INTEGER NOT NULL,
  attempt_count    INTEGER NOT NULL,
  duration_ms      REAL NOT NULL,
  overhead_ms      REAL NOT NULL,
  first_token_ms   REAL,
  input_tokens     INTEGER,                 -- sums over the classes in detail.usage
  output_tokens    INTEGER,
  cost_nanodollars INTEGER,
  error_kind       TEXT,
  detail           TEXT NOT NULL            -- JSON object
) STRICT;

-- Every index ends in the row's sequence by itself, so each of these gives the order of a list: newest start first.
CREATE INDEX request_log_key ON request_log (key_id);
CREATE INDEX request_log_model ON request_log (model);
-- Few rows are failures or were recovered, so these cost next to nothing.
CREATE INDEX request_log_failed ON request_log (sequence, status) WHERE status >= 400;
CREATE INDEX request_log_recovered ON request_log (sequence) WHERE status < 400 AND attempt_count > 1;

CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
