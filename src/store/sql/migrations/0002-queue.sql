-- Requests that were written down before they were acknowledged, and their answers.

CREATE TABLE queue_job (
  sequence             INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order of acceptance, and never given twice
  job_id               TEXT NOT NULL UNIQUE,
  key_id               TEXT NOT NULL,
  api                  TEXT NOT NULL,
  model                TEXT NOT NULL,
  order_key            TEXT,
  webhook_url          TEXT,
  metadata             TEXT NOT NULL,      -- JSON object
  headers              TEXT NOT NULL,      -- JSON array of name and value
  created_at_ms        INTEGER NOT NULL,
  ttl_ms               INTEGER NOT NULL,
  body                 TEXT NOT NULL,
  status               TEXT NOT NULL CHECK (status IN ('queued', 'running', 'answered', 'dead')),
  due_at_ms            INTEGER,            -- of a queued one
  lease_until_ms       INTEGER,            -- of a running one
  finished_at_ms       INTEGER,
  dead_code            TEXT,
  dead_message         TEXT,
  attempts             INTEGER NOT NULL,
  expires_at_ms        INTEGER NOT NULL,
  error_status         INTEGER,            -- of the last run that failed
  error_message        TEXT,
  fence                INTEGER NOT NULL,   -- rises with each lease; who holds an older one can write nothing
  answer_status        INTEGER,
  answer_type          TEXT,
  answer_body          TEXT,
  delivery             TEXT CHECK (delivery IN ('waiting', 'sending', 'delivered', 'undelivered')),
  delivery_attempts    INTEGER,
  delivery_at_ms       INTEGER,            -- due, end of the lease, or finished
  delivery_message     TEXT
) STRICT;

CREATE INDEX queue_job_due ON queue_job (due_at_ms, sequence) WHERE status = 'queued';
CREATE INDEX queue_job_unfinished ON queue_job (status) WHERE status IN ('queued', 'running');
CREATE INDEX queue_job_order ON queue_job (key_id, order_key, sequence)
  WHERE order_key IS NOT NULL AND status IN ('queued', 'running');
CREATE INDEX queue_job_delivery ON queue_job (delivery_at_ms, sequence) WHERE delivery IN ('waiting', 'sending');
CREATE INDEX queue_job_finished ON queue_job (finished_at_ms) WHERE finished_at_ms IS NOT NULL;
CREATE INDEX queue_job_key ON queue_job (key_id, sequence);
