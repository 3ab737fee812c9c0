CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    identifier TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE alarm (
    id TEXT NOT NULL PRIMARY KEY,
    rule TEXT NOT NULL,
    tenant TEXT,
    subject TEXT,
    detail TEXT NOT NULL,
    actor TEXT NOT NULL,
    is_shared INTEGER NOT NULL,
    told INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    assignee TEXT
) STRICT;
CREATE INDEX alarm_by_rule ON alarm (rule, raised_at);
CREATE INDEX alarm_by_tenant ON alarm (tenant, id);
CREATE INDEX alarm_unsettled ON alarm (id) WHERE state <> 'closed';
CREATE TABLE alarm_route (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    threshold TEXT NOT NULL,
    secret BLOB,
    since INTEGER NOT NULL,
    added_by TEXT NOT NULL,
    tried_at INTEGER,
    outcome TEXT
) STRICT;
CREATE INDEX alarm_route_by_tenant ON alarm_route (tenant);
CREATE TABLE alarm_step (
    id TEXT NOT NULL PRIMARY KEY,
    alarm TEXT NOT NULL REFERENCES alarm (id) ON DELETE CASCADE,
    step TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    assignee TEXT,
    note TEXT
) STRICT;
CREATE INDEX alarm_step_by_alarm ON alarm_step (alarm, id);
CREATE TABLE allowed_range (addresses TEXT NOT NULL PRIMARY KEY, since INTEGER NOT NULL, added_by TEXT NOT NULL) STRICT;
CREATE TABLE arrival (
    session TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    device TEXT,
    at INTEGER NOT NULL,
    browser TEXT,
    system TEXT,
    network TEXT,
    methods TEXT NOT NULL
, country TEXT) STRICT;
CREATE INDEX arrival_by_account ON arrival (account, at);
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
CREATE TABLE audit_witness (origin TEXT NOT NULL PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL) STRICT;
CREATE TABLE backup_anchor (
    database TEXT NOT NULL, destination TEXT NOT NULL, generation INTEGER NOT NULL, ordinal INTEGER NOT NULL, chain TEXT NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (database, destination)
) STRICT;
CREATE TABLE ban (
    id TEXT NOT NULL PRIMARY KEY,
    addresses TEXT NOT NULL,
    reason TEXT NOT NULL,
    strike INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    lifted_at INTEGER,
    lifted_by TEXT
) STRICT;
CREATE INDEX ban_by_addresses ON ban (addresses, since);
CREATE INDEX ban_by_beginning ON ban (since);
CREATE INDEX ban_by_end ON ban (until) WHERE lifted_at IS NULL;
CREATE TABLE control_check (
    control TEXT NOT NULL, checked_at INTEGER NOT NULL, state TEXT NOT NULL, evidence TEXT NOT NULL,
    PRIMARY KEY (control, checked_at)
) STRICT;
CREATE TABLE control_result (
    control TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('pass', 'fail', 'unknown')),
    checked_at INTEGER NOT NULL, since INTEGER NOT NULL, evidence TEXT NOT NULL
) STRICT;
CREATE TABLE device (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    token_digest TEXT NOT NULL,
    name TEXT,
    browser TEXT,
    system TEXT,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    network TEXT,
    trusted_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX device_by_account ON device (account, last_seen_at);
CREATE UNIQUE INDEX device_by_token ON device (token_digest, account) WHERE revoked_at IS NULL;
CREATE TABLE device_use (
    device TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    tenant TEXT NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL, ended_at INTEGER, ended_by TEXT,
    PRIMARY KEY (device, tenant)
) STRICT;
CREATE TABLE environment (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenant (id), kind TEXT NOT NULL, label TEXT NOT NULL UNIQUE,
    region TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('creating', 'active')), created_at INTEGER NOT NULL, place TEXT NOT NULL DEFAULT 'embedded', copy INTEGER NOT NULL DEFAULT 1, is_leaving INTEGER NOT NULL DEFAULT 0,
    UNIQUE (tenant, kind)
) STRICT;
CREATE INDEX environment_creating ON environment (id) WHERE state = 'creating';
CREATE TABLE environment_move (
    environment TEXT PRIMARY KEY REFERENCES environment (id), from_place TEXT NOT NULL, from_copy INTEGER NOT NULL,
    to_place TEXT NOT NULL, to_copy INTEGER NOT NULL, started_at INTEGER NOT NULL
) STRICT;
CREATE TABLE epoch (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL) STRICT;
CREATE TABLE factor_reset (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    tenant TEXT NOT NULL,
    requested_by TEXT NOT NULL REFERENCES account (id),
    requested_at INTEGER NOT NULL,
    approved_by TEXT REFERENCES account (id),
    opens_at INTEGER,
    state TEXT NOT NULL CHECK (state IN ('requested', 'approved', 'withdrawn', 'used'))
) STRICT;
CREATE INDEX factor_reset_by_account ON factor_reset (account);
CREATE TABLE failed_sign_in (
    network TEXT NOT NULL,
    identifier_digest TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (network, identifier_digest)
) STRICT;
CREATE INDEX failed_sign_in_by_identifier ON failed_sign_in (identifier_digest);
CREATE INDEX failed_sign_in_by_time ON failed_sign_in (last_at);
CREATE TABLE invalidation (number INTEGER PRIMARY KEY, subject TEXT NOT NULL) STRICT;
CREATE TABLE invitation (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    tenant_name TEXT NOT NULL,
    address TEXT NOT NULL,
    roles TEXT NOT NULL,
    invited_by TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'withdrawn')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX invitation_by_tenant ON invitation (tenant, state);
CREATE TABLE leaving (
    tenant TEXT PRIMARY KEY, slug TEXT NOT NULL, name TEXT NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('window', 'destroying', 'gone')), requested_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL, reason TEXT NOT NULL, reminded_at INTEGER, gone_at INTEGER, facts TEXT NOT NULL,
    certificate TEXT
) STRICT;
CREATE TABLE membership (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    tenant TEXT NOT NULL,
    created_at INTEGER NOT NULL, suspended_at INTEGER, resumed_at INTEGER,
    UNIQUE (tenant, account)
) STRICT;
CREATE INDEX membership_by_account ON membership (account);
CREATE TABLE membership_role (
    membership TEXT NOT NULL REFERENCES membership (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    PRIMARY KEY (membership, role)
) STRICT;
CREATE TABLE node (run TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, started_at INTEGER NOT NULL, address TEXT NOT NULL DEFAULT '', apex TEXT NOT NULL DEFAULT '', objects TEXT NOT NULL DEFAULT '', seen_at INTEGER NOT NULL DEFAULT 0, leads INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE oauth_client (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('public', 'confidential')),
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
    secret_digest TEXT,
    environment TEXT,
    redirect_uris TEXT NOT NULL,
    sign_out_uris TEXT NOT NULL,
    scopes TEXT NOT NULL,
    id_token_algorithm TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK ((kind = 'confidential') = (secret_digest IS NOT NULL))
) STRICT;
CREATE TABLE oauth_grant (
    id TEXT NOT NULL PRIMARY KEY,
    code_digest TEXT NOT NULL UNIQUE,
    client TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES account (id),
    session TEXT NOT NULL,
    environment TEXT,
    tenant TEXT,
    audience TEXT NOT NULL,
    scopes TEXT NOT NULL,
    authenticated_at INTEGER NOT NULL,
    methods TEXT NOT NULL,
    nonce TEXT,
    created_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX oauth_grant_by_account ON oauth_grant (account);
CREATE INDEX oauth_grant_by_end ON oauth_grant (ends_at);
CREATE TABLE one_time_code (
    digest TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX one_time_code_by_expiry ON one_time_code (expires_at);
CREATE INDEX one_time_code_by_subject ON one_time_code (subject);
CREATE TABLE outbox (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, once TEXT UNIQUE, payload BLOB NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL, expires_at INTEGER, created_at INTEGER NOT NULL, settled_at INTEGER, reason TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'waiting';
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE state <> 'waiting';
CREATE TABLE own_copy (
    id TEXT PRIMARY KEY, environment TEXT NOT NULL, at INTEGER NOT NULL, commit_number INTEGER NOT NULL, records INTEGER NOT NULL,
    plain_bytes INTEGER NOT NULL, bytes INTEGER NOT NULL, digest TEXT NOT NULL, sealing TEXT NOT NULL, took_us INTEGER NOT NULL, failure TEXT
) STRICT;
CREATE INDEX own_copy_by_environment ON own_copy (environment, at);
CREATE TABLE own_copy_recipient (
    environment TEXT NOT NULL, recipient TEXT NOT NULL, added_at INTEGER NOT NULL, PRIMARY KEY (environment, recipient)
) STRICT;
CREATE TABLE passkey (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES passkey_user (account),
    credential TEXT NOT NULL UNIQUE,
    public_key BLOB NOT NULL,
    sign_count INTEGER NOT NULL,
    name TEXT NOT NULL,
    aaguid TEXT NOT NULL,
    transports TEXT NOT NULL,
    discoverable INTEGER,
    user_verified INTEGER NOT NULL,
    backup_eligible INTEGER NOT NULL,
    backed_up INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE INDEX passkey_by_account ON passkey (account);
CREATE TABLE passkey_user (
    account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
    handle TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE password (
    account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
    hash TEXT NOT NULL,
    set_at INTEGER NOT NULL
) STRICT;
CREATE TABLE password_rule (
    tenant TEXT NOT NULL PRIMARY KEY,
    classic INTEGER NOT NULL
, shortest INTEGER NOT NULL DEFAULT 8) STRICT;
CREATE TABLE recovery_code (
    account TEXT NOT NULL REFERENCES account (id),
    digest TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (account, digest)
) STRICT;
CREATE TABLE refresh_token (
    digest TEXT NOT NULL PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES oauth_grant (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX refresh_token_by_grant ON refresh_token (grant_id);
CREATE TABLE restore_drill (
    environment TEXT NOT NULL, at INTEGER NOT NULL, moment INTEGER NOT NULL, generation INTEGER NOT NULL, commit_entry INTEGER NOT NULL,
    failure TEXT, exposure_us INTEGER NOT NULL, took_us INTEGER NOT NULL, records INTEGER NOT NULL, bytes INTEGER NOT NULL,
    PRIMARY KEY (environment, at)
) STRICT;
CREATE TABLE risk_event (
    id TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    session TEXT NOT NULL,
    at INTEGER NOT NULL,
    score INTEGER NOT NULL,
    reasons TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('allow', 'step-up', 'block')),
    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'dismissed')),
    browser TEXT,
    system TEXT,
    network TEXT,
    country TEXT,
    methods TEXT NOT NULL,
    settled_at INTEGER,
    settled_by TEXT
, application TEXT, tenant TEXT) STRICT;
CREATE INDEX risk_event_by_account ON risk_event (account, at);
CREATE INDEX risk_event_by_session ON risk_event (session);
CREATE TABLE risk_policy (
    tenant TEXT NOT NULL PRIMARY KEY,
    medium TEXT NOT NULL CHECK (medium IN ('allow', 'step-up', 'block')),
    high TEXT NOT NULL CHECK (high IN ('allow', 'step-up', 'block'))
) STRICT;
CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    token_digest TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES account (id),
    environment TEXT,
    tenant TEXT,
    parent TEXT REFERENCES session (id),
    stage TEXT NOT NULL CHECK (stage IN ('factor', 'enrolment', 'complete')),
    created_at INTEGER NOT NULL,
    authenticated_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    idle_life INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    ended_at INTEGER,
    ending TEXT,
    address TEXT,
    agent TEXT,
    methods TEXT NOT NULL, device TEXT, browser_digest TEXT, guessable INTEGER NOT NULL DEFAULT 0,
    CHECK ((environment IS NULL) = (parent IS NULL))
) STRICT;
CREATE INDEX session_by_account ON session (account, ended_at);
CREATE INDEX session_by_device ON session (device);
CREATE INDEX session_by_end ON session (ends_at) WHERE ended_at IS NULL;
CREATE INDEX session_by_parent ON session (parent);
CREATE TABLE sign_in_rule (
    tenant TEXT NOT NULL PRIMARY KEY,
    passkey_alone INTEGER NOT NULL
) STRICT;
CREATE TABLE signing_key (
    id TEXT NOT NULL PRIMARY KEY,
    algorithm TEXT NOT NULL CHECK (algorithm IN ('ES256', 'RS256')),
    sealed BLOB NOT NULL,
    certificate BLOB NOT NULL,
    signs_from INTEGER NOT NULL,
    signs_until INTEGER
) STRICT;
CREATE TABLE staff (
    account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
    role TEXT NOT NULL CHECK (role = 'operator'),
    since INTEGER NOT NULL
) STRICT;
CREATE TABLE staff_access (
    account TEXT NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('production', 'test', 'sandbox')),
    role TEXT NOT NULL CHECK (role IN ('operator', 'support')),
    since INTEGER NOT NULL,
    given_by TEXT NOT NULL,
    PRIMARY KEY (account, kind)
) STRICT;
CREATE TABLE tenant (
    id TEXT PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, edition TEXT NOT NULL, region TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('creating', 'active')), created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE throttle (
    key TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_failure_at INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL
) STRICT;
CREATE TABLE token_trail (
    grant_id TEXT NOT NULL PRIMARY KEY REFERENCES oauth_grant (id) ON DELETE CASCADE,
    country TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    told_at INTEGER
) STRICT;
CREATE TABLE totp_factor (
    account TEXT NOT NULL REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('pending', 'active')),
    sealed BLOB NOT NULL,
    last_step INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account, state)
) STRICT;
