CREATE TABLE audit_checkpoint (
    size INTEGER PRIMARY KEY, at INTEGER NOT NULL, hashes BLOB NOT NULL, note TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit log is final'); END;
CREATE TRIGGER audit_entry_undeleted BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit log is final'); END;
CREATE TABLE audit_entry (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL, actor TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX audit_entry_actor ON audit_entry (actor, seq);
CREATE INDEX audit_entry_event ON audit_entry (event, seq);
CREATE TABLE audit_frontier (
    id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, hashes BLOB NOT NULL
) STRICT;
CREATE TABLE audit_tile (
    level INTEGER NOT NULL, place INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE collection (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, slug TEXT NOT NULL, name TEXT NOT NULL, singular TEXT NOT NULL,
    description TEXT NOT NULL, position INTEGER NOT NULL, version INTEGER NOT NULL, title_field TEXT,
    created_at INTEGER NOT NULL, created_by TEXT NOT NULL, deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX collection_by_slug ON collection (slug) WHERE deleted_at IS NULL;
CREATE TABLE design (
    id INTEGER PRIMARY KEY CHECK (id = 1), stamp INTEGER NOT NULL, cursor_key BLOB NOT NULL
) STRICT;
CREATE TABLE field (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, collection INTEGER NOT NULL REFERENCES collection (number) DEFERRABLE INITIALLY DEFERRED,
    field_key TEXT NOT NULL, label TEXT NOT NULL, type TEXT NOT NULL, options TEXT, target TEXT,
    is_required INTEGER NOT NULL, is_unique INTEGER NOT NULL, is_indexed INTEGER NOT NULL, position INTEGER NOT NULL,
    UNIQUE (collection, field_key)
) STRICT;
CREATE TABLE handover (account TEXT PRIMARY KEY, successor TEXT NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL) STRICT;
CREATE TABLE idempotency_key (
    principal TEXT NOT NULL, request_key TEXT NOT NULL, digest TEXT NOT NULL, record TEXT NOT NULL, expires_at INTEGER NOT NULL,
    PRIMARY KEY (principal, request_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_key_by_expiry ON idempotency_key (expires_at);
CREATE TABLE import_batch (
    operation TEXT NOT NULL, first_number INTEGER NOT NULL, last_number INTEGER NOT NULL,
    PRIMARY KEY (operation, first_number)
) STRICT;
CREATE TABLE import_chunk (
    upload TEXT NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (upload, number)
) STRICT;
CREATE TABLE import_refusal (
    operation TEXT NOT NULL, line INTEGER NOT NULL, reasons TEXT NOT NULL, PRIMARY KEY (operation, line)
) STRICT;
CREATE TABLE import_run (
    operation TEXT PRIMARY KEY, upload TEXT NOT NULL, collection TEXT NOT NULL, plan TEXT NOT NULL, author TEXT NOT NULL,
    writing INTEGER NOT NULL, rows_done INTEGER NOT NULL, imported INTEGER NOT NULL, refused INTEGER NOT NULL
) STRICT;
CREATE TABLE import_upload (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, bytes INTEGER NOT NULL, is_utf8 INTEGER NOT NULL, author TEXT NOT NULL,
    created_at INTEGER NOT NULL, complete INTEGER NOT NULL
) STRICT;
CREATE TABLE operation (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, done INTEGER NOT NULL, total INTEGER, message TEXT NOT NULL, result TEXT,
    cancelling INTEGER NOT NULL, started_by TEXT NOT NULL, run TEXT NOT NULL, created_at INTEGER NOT NULL, finished_at INTEGER
) STRICT;
CREATE INDEX operation_unfinished ON operation (state) WHERE state IN ('queued', 'running');
CREATE TABLE record (
    number INTEGER PRIMARY KEY, collection INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
    action INTEGER NOT NULL, body TEXT NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
    updated_at INTEGER, updated_by TEXT, deleted_at INTEGER
) STRICT;
CREATE INDEX record_by_change ON record (collection, updated_at) WHERE updated_at IS NOT NULL;
CREATE INDEX record_by_collection ON record (collection, id, deleted_at);
CREATE VIRTUAL TABLE record_search USING fts5 (
    words, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 2'
);
CREATE TABLE record_version (
    number INTEGER NOT NULL, version INTEGER NOT NULL, action INTEGER NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL,
    author TEXT NOT NULL, PRIMARY KEY (number, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE role (name TEXT PRIMARY KEY, label TEXT NOT NULL) STRICT;
CREATE TABLE role_permission (
    role TEXT NOT NULL REFERENCES role (name) DEFERRABLE INITIALLY DEFERRED, collection TEXT NOT NULL, permission TEXT NOT NULL,
    PRIMARY KEY (role, collection, permission)
) STRICT;
