CREATE TABLE account (
    id text NOT NULL,
    identifier text NOT NULL,
    display_name text NOT NULL,
    state text NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT account_identifier_key UNIQUE (identifier),
    CONSTRAINT account_pkey PRIMARY KEY (id),
    CONSTRAINT account_state_check CHECK ((state = ANY (ARRAY['active'::text, 'disabled'::text])))
);
CREATE TABLE alarm (
    id text NOT NULL,
    rule text NOT NULL,
    tenant text,
    subject text,
    detail text NOT NULL,
    actor text NOT NULL,
    is_shared integer NOT NULL,
    told integer NOT NULL,
    raised_at bigint NOT NULL,
    state text NOT NULL,
    assignee text,
    CONSTRAINT alarm_pkey PRIMARY KEY (id)
);
CREATE INDEX alarm_by_rule ON public.alarm USING btree (rule, raised_at);
CREATE INDEX alarm_by_tenant ON public.alarm USING btree (tenant, id);
CREATE INDEX alarm_unsettled ON public.alarm USING btree (id) WHERE (state <> 'closed'::text);
CREATE TABLE alarm_route (
    id text NOT NULL,
    tenant text,
    kind text NOT NULL,
    target text NOT NULL,
    threshold text NOT NULL,
    secret bytea,
    since bigint NOT NULL,
    added_by text NOT NULL,
    tried_at bigint,
    outcome text,
    CONSTRAINT alarm_route_pkey PRIMARY KEY (id)
);
CREATE INDEX alarm_route_by_tenant ON public.alarm_route USING btree (tenant);
CREATE TABLE alarm_step (
    id text NOT NULL,
    alarm text NOT NULL,
    step text NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    assignee text,
    note text,
    CONSTRAINT alarm_step_alarm_fkey FOREIGN KEY (alarm) REFERENCES alarm(id) ON DELETE CASCADE,
    CONSTRAINT alarm_step_pkey PRIMARY KEY (id)
);
CREATE INDEX alarm_step_by_alarm ON public.alarm_step USING btree (alarm, id);
CREATE TABLE allowed_range (
    addresses text NOT NULL,
    since bigint NOT NULL,
    added_by text NOT NULL,
    CONSTRAINT allowed_range_pkey PRIMARY KEY (addresses)
);
CREATE TABLE arrival (
    session text NOT NULL,
    account text NOT NULL,
    device text,
    at bigint NOT NULL,
    browser text,
    system text,
    network text,
    methods text NOT NULL,
    country text,
    CONSTRAINT arrival_account_fkey FOREIGN KEY (account) REFERENCES account(id),
    CONSTRAINT arrival_pkey PRIMARY KEY (session)
);
CREATE INDEX arrival_by_account ON public.arrival USING btree (account, at);
CREATE TABLE audit_checkpoint (
    size bigint NOT NULL,
    at bigint NOT NULL,
    hashes bytea NOT NULL,
    note text NOT NULL,
    CONSTRAINT audit_checkpoint_pkey PRIMARY KEY (size)
);
CREATE TABLE audit_entry (
    seq bigint NOT NULL,
    at bigint NOT NULL,
    event text NOT NULL,
    actor text NOT NULL,
    body text NOT NULL,
    CONSTRAINT audit_entry_pkey PRIMARY KEY (seq)
);
CREATE INDEX audit_entry_actor ON public.audit_entry USING btree (actor, seq);
CREATE INDEX audit_entry_event ON public.audit_entry USING btree (event, seq);
CREATE TRIGGER audit_entry_final BEFORE DELETE OR UPDATE ON public.audit_entry FOR EACH ROW EXECUTE FUNCTION audit_entry_is_final();
CREATE TABLE audit_frontier (
    id bigint NOT NULL,
    size bigint NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT audit_frontier_id_check CHECK ((id = 1)),
    CONSTRAINT audit_frontier_pkey PRIMARY KEY (id)
);
CREATE TABLE audit_tile (
    level bigint NOT NULL,
    place bigint NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT audit_tile_pkey PRIMARY KEY (level, place)
);
CREATE TABLE audit_witness (
    origin text NOT NULL,
    size bigint NOT NULL,
    note text NOT NULL,
    CONSTRAINT audit_witness_pkey PRIMARY KEY (origin)
);
CREATE TABLE backup_anchor (
    database text NOT NULL,
    destination text NOT NULL,
    generation bigint NOT NULL,
    ordinal bigint NOT NULL,
    chain text NOT NULL,
    at bigint NOT NULL,
    CONSTRAINT backup_anchor_pkey PRIMARY KEY (database, destination)
);
CREATE TABLE ban (
    id text NOT NULL,
    addresses text NOT NULL,
    reason text NOT NULL,
    strike integer NOT NULL,
    since bigint NOT NULL,
    until bigint NOT NULL,
    lifted_at bigint,
    lifted_by text,
    CONSTRAINT ban_pkey PRIMARY KEY (id)
);
CREATE INDEX ban_by_addresses ON public.ban USING btree (addresses, since);
CREATE INDEX ban_by_beginning ON public.ban USING btree (since);
CREATE INDEX ban_by_end ON public.ban USING btree (until) WHERE (lifted_at IS NULL);
CREATE TABLE control_check (
    control text NOT NULL,
    checked_at bigint NOT NULL,
    state text NOT NULL,
    evidence text NOT NULL,
    CONSTRAINT control_check_pkey PRIMARY KEY (control, checked_at)
);
CREATE TABLE control_result (
    control text NOT NULL,
    state text NOT NULL,
    checked_at bigint NOT NULL,
    since bigint NOT NULL,
    evidence text NOT NULL,
    CONSTRAINT control_result_pkey PRIMARY KEY (control),
    CONSTRAINT control_result_state_check CHECK ((state = ANY (ARRAY['pass'::text, 'fail'::text, 'unknown'::text])))
);
CREATE TABLE device (
    id text NOT NULL,
    account text NOT NULL,
    token_digest text NOT NULL,
    name text,
    browser text,
    system text,
    first_seen_at bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    network text,
    trusted_at bigint,
    revoked_at bigint,
    CONSTRAINT device_account_fkey FOREIGN KEY (account) REFERENCES account(id),
    CONSTRAINT device_pkey PRIMARY KEY (id)
);
CREATE INDEX device_by_account ON public.device USING btree (account, last_seen_at);
CREATE UNIQUE INDEX device_by_token ON public.device USING btree (token_digest, account) WHERE (revoked_at IS NULL);
CREATE TABLE device_use (
    device text NOT NULL,
    tenant text NOT NULL,
    first_seen_at bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    ended_at bigint,
    ended_by text,
    CONSTRAINT device_use_device_fkey FOREIGN KEY (device) REFERENCES device(id) ON DELETE CASCADE,
    CONSTRAINT device_use_pkey PRIMARY KEY (device, tenant)
);
CREATE TABLE environment (
    id text NOT NULL,
    tenant text NOT NULL,
    kind text NOT NULL,
    label text NOT NULL,
    region text NOT NULL,
    state text NOT NULL,
    created_at bigint NOT NULL,
    place text NOT NULL DEFAULT 'embedded'::text,
    copy bigint NOT NULL DEFAULT 1,
    is_leaving bigint NOT NULL DEFAULT 0,
    CONSTRAINT environment_label_key UNIQUE (label),
    CONSTRAINT environment_pkey PRIMARY KEY (id),
    CONSTRAINT environment_state_check CHECK ((state = ANY (ARRAY['creating'::text, 'active'::text]))),
    CONSTRAINT environment_tenant_fkey FOREIGN KEY (tenant) REFERENCES tenant(id),
    CONSTRAINT environment_tenant_kind_key UNIQUE (tenant, kind)
);
CREATE INDEX environment_creating ON public.environment USING btree (id) WHERE (state = 'creating'::text);
CREATE TABLE environment_move (
    environment text NOT NULL,
    from_place text NOT NULL,
    from_copy bigint NOT NULL,
    to_place text NOT NULL,
    to_copy bigint NOT NULL,
    started_at bigint NOT NULL,
    CONSTRAINT environment_move_environment_fkey FOREIGN KEY (environment) REFERENCES environment(id),
    CONSTRAINT environment_move_pkey PRIMARY KEY (environment)
);
CREATE TABLE epoch (
    id integer NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT epoch_id_check CHECK ((id = 1)),
    CONSTRAINT epoch_pkey PRIMARY KEY (id)
);
CREATE TABLE factor_reset (
    id text NOT NULL,
    account text NOT NULL,
    tenant text NOT NULL,
    requested_by text NOT NULL,
    requested_at bigint NOT NULL,
    approved_by text,
    opens_at bigint,
    state text NOT NULL,
    CONSTRAINT factor_reset_account_fkey FOREIGN KEY (account) REFERENCES account(id),
    CONSTRAINT factor_reset_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES account(id),
    CONSTRAINT factor_reset_pkey PRIMARY KEY (id),
    CONSTRAINT factor_reset_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES account(id),
    CONSTRAINT factor_reset_state_check CHECK ((state = ANY (ARRAY['requested'::text, 'approved'::text, 'withdrawn'::text, 'used'::text])))
);
CREATE INDEX factor_reset_by_account ON public.factor_reset USING btree (account);
CREATE TABLE failed_sign_in (
    network text NOT NULL,
    identifier_digest text NOT NULL,
    failures integer NOT NULL,
    last_at bigint NOT NULL,
    CONSTRAINT failed_sign_in_pkey PRIMARY KEY (network, identifier_digest)
);
CREATE INDEX failed_sign_in_by_identifier ON public.failed_sign_in USING btree (identifier_digest);
CREATE INDEX failed_sign_in_by_time ON public.failed_sign_in USING btree (last_at);
CREATE TABLE invalidation (
    number bigint NOT NULL,
    subject text NOT NULL,
    CONSTRAINT invalidation_pkey PRIMARY KEY (number)
);
CREATE TABLE invitation (
    id text NOT NULL,
    tenant text NOT NULL,
    tenant_name text NOT NULL,
    address text NOT NULL,
    roles text NOT NULL,
    invited_by text,
    state text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    CONSTRAINT invitation_pkey PRIMARY KEY (id),
    CONSTRAINT invitation_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'accepted'::text, 'withdrawn'::text])))
);
CREATE INDEX invitation_by_tenant ON public.invitation USING btree (tenant, state);
CREATE TABLE leaving (
    tenant text NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    stage text NOT NULL,
    requested_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    reason text NOT NULL,
    reminded_at bigint,
    gone_at bigint,
    facts text NOT NULL,
    certificate text,
    CONSTRAINT leaving_pkey PRIMARY KEY (tenant),
    CONSTRAINT leaving_stage_check CHECK ((stage = ANY (ARRAY['window'::text, 'destroying'::text, 'gone'::text])))
);
CREATE TABLE membership (
    id text NOT NULL,
    account text NOT NULL,
    tenant text NOT NULL,
    created_at bigint NOT NULL,
    suspended_at bigint,
    resumed_at bigint,
    CONSTRAINT membership_account_fkey FOREIGN KEY (account) REFERENCES account(id),
    CONSTRAINT membership_pkey PRIMARY KEY (id),
    CONSTRAINT membership_tenant_account_key UNIQUE (tenant, account)
);
CREATE INDEX membership_by_account ON public.membership USING btree (account);
CREATE TABLE membership_role (
    membership text NOT NULL,
    role text NOT NULL,
    CONSTRAINT membership_role_membership_fkey FOREIGN KEY (membership) REFERENCES membership(id) ON DELETE CASCADE,
    CONSTRAINT membership_role_pkey PRIMARY KEY (membership, role)
);
CREATE TABLE node (
    run text NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    started_at bigint NOT NULL,
    address text NOT NULL DEFAULT ''::text,
    apex text NOT NULL DEFAULT ''::text,
    objects text NOT NULL DEFAULT ''::text,
    seen_at bigint NOT NULL DEFAULT 0,
    leads bigint NOT NULL DEFAULT 0,
    CONSTRAINT node_pkey PRIMARY KEY (run)
);
CREATE TABLE oauth_client (
    id text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    secret_digest text,
    environment text,
    redirect_uris text NOT NULL,
    sign_out_uris text NOT NULL,
    scopes text NOT NULL,
    id_token_algorithm text NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT oauth_client_check CHECK (((kind = 'confidential'::text) = (secret_digest IS NOT NULL))),
    CONSTRAINT oauth_client_kind_check CHECK ((kind = ANY (ARRAY['public'::text, 'confidential'::text]))),
    CONSTRAINT oauth_client_pkey PRIMARY KEY (id),
    CONSTRAINT oauth_client_state_check CHECK ((state = ANY (ARRAY['active'::text, 'disabled'::text])))
);
CREATE TABLE oauth_grant (
    id text NOT NULL,
    code_digest text NOT NULL,
    client text NOT NULL,
    account text NOT NULL,
    session text NOT NULL,
    environment text,
    tenant text,
    audience text NOT NULL,
    scopes text NOT NULL,
    authenticated_at bigint NOT NULL,
    methods text NOT NULL,
    nonce text,
    created_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    revoked_at bigint,
    CONSTRAINT oauth_grant_account_fkey FOREIGN KEY (account) REFERENCES account(id),
    CONSTRAINT oauth_grant_code_digest_key UNIQUE (code_digest),
    CONSTRAINT oauth_grant_pkey PRIMARY KEY (id)
);
CREATE INDEX oauth_grant_by_account ON public.oauth_grant USING btree (account);
CREATE INDEX oauth_grant_by_end ON public.oauth_grant USING btree (ends_at);
CREATE TABLE one_time_code (
    digest text NOT NULL,
    purpose text NOT NULL,
    subject text NOT NULL,
    payload text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint,
    CONSTRAINT one_time_code_pkey PRIMARY KEY (digest)
);
CREATE INDEX one_time_code_by_expiry ON public.one_time_code USING btree (expires_at);
CREATE INDEX one_time_code_by_subject ON public.one_time_code USING btree (subject);
CREATE TABLE outbox (
    id text NOT NULL,
    kind text NOT NULL,
    once text,
    payload bytea NOT NULL,
    state text NOT NULL,
    attempts bigint NOT NULL,
    due_at bigint NOT NULL,
    expires_at bigint,
    created_at bigint NOT NULL,
    settled_at bigint,
    reason text,
    CONSTRAINT outbox_once_key UNIQUE (once),
    CONSTRAINT outbox_pkey PRIMARY KEY (id)
);
CREATE INDEX outbox_due ON public.outbox USING btree (due_at) WHERE (state = 'waiting'::text);
CREATE INDEX outbox_settled ON public.outbox USING btree (settled_at) WHERE (state <> 'waiting'::text);
CREATE TABLE own_copy (
    id text NOT NULL,
    environment text NOT NULL,
    at bigint NOT NULL,
    commit_number bigint NOT NULL,
    records bigint NOT NULL,
    plain_bytes bigint NOT NULL,
    bytes bigint NOT NULL,
    digest text NOT NULL,
    sealing text NOT NULL,
    took_us bigint NOT NULL,
    failure text,
    CONSTRAINT own_copy_pkey PRIMARY KEY (id)
);
CREATE INDEX own_copy_by_environment ON public.own_copy USING btree (environment, at);
CREATE TABLE own_copy_recipient (
    environment text NOT NULL,
    recipient text NOT NULL,
    added_at bigint NOT NULL,
    CONSTRAINT own_copy_recipient_pkey PRIMARY KEY (environment, recipient)
);
CREATE TABLE passkey (
    id text NOT NULL,
    account text NOT NULL,
    credential text NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    name text NOT NULL,
    aaguid text NOT NULL,
    transports text NOT NULL,
    discoverable integer,
    user_verified integer NOT NULL,
    backup_eligible integer NOT NULL,
    backed_up integer NOT NULL,
    created_at bigint NOT NULL,
    last_used_at bigint,
    CONSTRAINT passkey_account_fkey FOREIGN KEY (account) REFERENCES passkey_user(account),
    CONSTRAINT passkey_credential_key UNIQUE (credential),
    CONSTRAINT passkey_pkey PRIMARY KEY (id)
);
CREATE INDEX passkey_by_account ON public.passkey USING btree (account);
CREATE TABLE passkey_user (
    account text NOT NULL,
    handle text NOT NULL,
    CONSTRAINT passkey_user_account_fkey FOREIGN KEY (account) REFERENCES account(id),
    CONSTRAINT passkey_user_handle_key UNIQUE (handle),
    CONSTRAINT passkey_user_pkey PRIMARY KEY (account)
);
CREATE TABLE password (
    account text NOT NULL,
    hash text NOT NULL,
    set_at bigint NOT NULL,
    CONSTRAINT password_account_fkey FOREIGN KEY (account) REFERENCES account(id),
    CONSTRAINT password_pkey PRIMARY KEY (account)
);
CREATE TABLE password_rule (
    tenant text NOT NULL,
    classic integer NOT NULL,
    shortest integer NOT NULL DEFAULT 8,
    CONSTRAINT password_rule_pkey PRIMARY KEY (tenant)
);
CREATE TABLE recovery_code (
    account text NOT NULL,
    digest text NOT NULL,
    created_at bigint NOT NULL,
    used_at bigint,
    CONSTRAINT recovery_code_account_fkey FOREIGN KEY (account) REFERENCES account(id),
    CONSTRAINT recovery_code_pkey PRIMARY KEY (account, digest)
);
CREATE TABLE refresh_token (
    digest text NOT NULL,
    grant_id text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint,
    CONSTRAINT refresh_token_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES oauth_grant(id) ON DELETE CASCADE,
    CONSTRAINT refresh_token_pkey PRIMARY KEY (digest)
);
CREATE INDEX refresh_token_by_grant ON public.refresh_token USING btree (grant_id);
CREATE TABLE restore_drill (
    environment text NOT NULL,
    at bigint NOT NULL,
    moment bigint NOT NULL,
    generation bigint NOT NULL,
    commit_entry bigint NOT NULL,
    failure text,
    exposure_us bigint NOT NULL,
    took_us bigint NOT NULL,
    records bigint NOT NULL,
    bytes bigint NOT NULL,
    CONSTRAINT restore_drill_pkey PRIMARY KEY (environment, at)
);
CREATE TABLE risk_event (
    id text NOT NULL,
    account text NOT NULL,
    session text NOT NULL,
    at bigint NOT NULL,
    score integer NOT NULL,
    reasons text NOT NULL,
    action text NOT NULL,
    state text NOT NULL,
    browser text,
    system text,
    network text,
    country text,
    methods text NOT NULL,
    settled_at bigint,
    settled_by text,
    application text,
    tenant text,
    CONSTRAINT risk_event_account_fkey FOREIGN KEY (account) REFERENCES account(id),
    CONSTRAINT risk_event_action_check CHECK ((action = ANY (ARRAY['allow'::text, 'step-up'::text, 'block'::text]))),
    CONSTRAINT risk_event_pkey PRIMARY KEY (id),
    CONSTRAINT risk_event_state_check CHECK ((state = ANY (ARRAY['open'::text, 'confirmed'::text, 'dismissed'::text])))
);
CREATE INDEX risk_event_by_account ON public.risk_event USING btree (account, at);
CREATE INDEX risk_event_by_session ON public.risk_event USING btree (session);
CREATE TABLE risk_policy (
    tenant text NOT NULL,
    medium text NOT NULL,
    high text NOT NULL,
    CONSTRAINT risk_policy_high_check CHECK ((high = ANY (ARRAY['allow'::text, 'step-up'::text, 'block'::text]))),
    CONSTRAINT risk_policy_medium_check CHECK ((medium = ANY (ARRAY['allow'::text, 'step-up'::text, 'block'::text]))),
    CONSTRAINT risk_policy_pkey PRIMARY KEY (tenant)
);
CREATE TABLE session (
    id text NOT NULL,
    token_digest text NOT NULL,
    account text NOT NULL,
    environment text,
    tenant text,
    parent text,
    stage text NOT NULL,
    created_at bigint NOT NULL,
    authenticated_at bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    idle_life bigint NOT NULL,
    ends_at bigint NOT NULL,
    ended_at bigint,
    ending text,
    address text,
    agent text,
    methods text NOT NULL,
    device text,
    browser_digest text,
    guessable integer NOT NULL DEFAULT 0,
    CONSTRAINT session_account_fkey FOREIGN KEY (account) REFERENCES account(id),
    CONSTRAINT session_check CHECK (((environment IS NULL) = (parent IS NULL))),
    CONSTRAINT session_parent_fkey FOREIGN KEY (parent) REFERENCES session(id),
    CONSTRAINT session_pkey PRIMARY KEY (id),
    CONSTRAINT session_stage_check CHECK ((stage = ANY (ARRAY['factor'::text, 'enrolment'::text, 'complete'::text]))),
    CONSTRAINT session_token_digest_key UNIQUE (token_digest)
);
CREATE INDEX session_by_account ON public.session USING btree (account, ended_at);
CREATE INDEX session_by_device ON public.session USING btree (device);
CREATE INDEX session_by_end ON public.session USING btree (ends_at) WHERE (ended_at IS NULL);
CREATE INDEX session_by_parent ON public.session USING btree (parent);
CREATE TABLE sign_in_rule (
    tenant text NOT NULL,
    passkey_alone integer NOT NULL,
    CONSTRAINT sign_in_rule_pkey PRIMARY KEY (tenant)
);
CREATE TABLE signing_key (
    id text NOT NULL,
    algorithm text NOT NULL,
    sealed bytea NOT NULL,
    certificate bytea NOT NULL,
    signs_from bigint NOT NULL,
    signs_until bigint,
    CONSTRAINT signing_key_algorithm_check CHECK ((algorithm = ANY (ARRAY['ES256'::text, 'RS256'::text]))),
    CONSTRAINT signing_key_pkey PRIMARY KEY (id)
);
CREATE TABLE staff (
    account text NOT NULL,
    role text NOT NULL,
    since bigint NOT NULL,
    CONSTRAINT staff_account_fkey FOREIGN KEY (account) REFERENCES account(id),
    CONSTRAINT staff_pkey PRIMARY KEY (account),
    CONSTRAINT staff_role_check CHECK ((role = 'operator'::text))
);
CREATE TABLE staff_access (
    account text NOT NULL,
    kind text NOT NULL,
    role text NOT NULL,
    since bigint NOT NULL,
    given_by text NOT NULL,
    CONSTRAINT staff_access_account_fkey FOREIGN KEY (account) REFERENCES account(id),
    CONSTRAINT staff_access_kind_check CHECK ((kind = ANY (ARRAY['production'::text, 'test'::text, 'sandbox'::text]))),
    CONSTRAINT staff_access_pkey PRIMARY KEY (account, kind),
    CONSTRAINT staff_access_role_check CHECK ((role = ANY (ARRAY['operator'::text, 'support'::text])))
);
CREATE TABLE tenant (
    id text NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    edition text NOT NULL,
    region text NOT NULL,
    state text NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT tenant_pkey PRIMARY KEY (id),
    CONSTRAINT tenant_slug_key UNIQUE (slug),
    CONSTRAINT tenant_state_check CHECK ((state = ANY (ARRAY['creating'::text, 'active'::text])))
);
CREATE TABLE throttle (
    key text NOT NULL,
    failures integer NOT NULL,
    last_failure_at bigint NOT NULL,
    blocked_until bigint NOT NULL,
    CONSTRAINT throttle_pkey PRIMARY KEY (key)
);
CREATE TABLE token_trail (
    grant_id text NOT NULL,
    country text NOT NULL,
    seen_at bigint NOT NULL,
    told_at bigint,
    CONSTRAINT token_trail_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES oauth_grant(id) ON DELETE CASCADE,
    CONSTRAINT token_trail_pkey PRIMARY KEY (grant_id)
);
CREATE TABLE totp_factor (
    account text NOT NULL,
    state text NOT NULL,
    sealed bytea NOT NULL,
    last_step bigint NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT totp_factor_account_fkey FOREIGN KEY (account) REFERENCES account(id),
    CONSTRAINT totp_factor_pkey PRIMARY KEY (account, state),
    CONSTRAINT totp_factor_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'active'::text])))
);
CREATE OR REPLACE FUNCTION public.audit_entry_is_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ BEGIN RAISE EXCEPTION 'the audit log is final'; END $function$
;
