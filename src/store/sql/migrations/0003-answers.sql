-- Finished answers, for repeated requests and for clients whose connection dropped. They are contents: they are deleted when
-- their time is over, and only the fact that there was one stays for a while.

CREATE TABLE answer (
  id            TEXT PRIMARY KEY,          -- key:<digest of caller and idempotency key>, or req:<id of the request>
  key_id        TEXT NOT NULL,
  fingerprint   TEXT NOT NULL,             -- digest of the request
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  status        INTEGER,                   -- NULL: too large to be kept, or expired
  stream        INTEGER NOT NULL CHECK (stream IN (0, 1)),
  whole         INTEGER NOT NULL CHECK (whole IN (0, 1)),
  headers       TEXT NOT NULL,             -- JSON array: name, value, name, value
  body          TEXT NOT NULL,             -- a character for each byte
  trailers      TEXT NOT NULL
) STRICT;

CREATE INDEX answer_expires ON answer (expires_at_ms);
CREATE INDEX answer_created ON answer (created_at_ms);
