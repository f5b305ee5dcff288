CREATE TABLE oauth_connections (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    provider TEXT NOT NULL,
    account_email TEXT NOT NULL,
    external_account_id TEXT,
    access_token TEXT,
    refresh_token TEXT,
    credentials TEXT,
    expires_at TIMESTAMP WITH TIME ZONE,
    scopes TEXT[] DEFAULT '{}'::text[] NOT NULL,
    last_synced_at TIMESTAMP WITH TIME ZONE,
    next_sync_at TIMESTAMP WITH TIME ZONE,
    is_sandbox BOOLEAN DEFAULT false NOT NULL,
    sync_state JSONB DEFAULT '{}'::jsonb NOT NULL,
    status TEXT DEFAULT 'active'::text NOT NULL,
    last_error TEXT,
    CONSTRAINT pk_oauth_connections PRIMARY KEY (id),
    CONSTRAINT uq_oauth_connections_user_id_id UNIQUE (user_id, id),
    CONSTRAINT uq_oauth_connections_user_id_provider_account_email UNIQUE (user_id, provider, account_email),
    CONSTRAINT ck_oauth_connections_provider CHECK (provider IN ('google_gmail', 'google_calendar', 'stripe', 'smtp', 'ai')),
    CONSTRAINT ck_oauth_connections_status CHECK (status IN ('active', 'needs_reconnect', 'paused')),
    CONSTRAINT ck_oauth_connections_access_token_sealed CHECK (access_token LIKE 'v1.%'),
    CONSTRAINT ck_oauth_connections_refresh_token_sealed CHECK (refresh_token LIKE 'v1.%'),
    CONSTRAINT ck_oauth_connections_credentials_sealed CHECK (credentials LIKE 'v1.%'),
    CONSTRAINT fk_oauth_connections_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_oauth_connections_due ON oauth_connections (next_sync_at) WHERE status = 'active'::text;
CREATE UNIQUE INDEX uq_oauth_connections_stripe ON oauth_connections (external_account_id) WHERE provider = 'stripe'::text;

CREATE TABLE source_items (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    connection_id UUID,
    kind TEXT NOT NULL,
    provider TEXT NOT NULL,
    external_id TEXT NOT NULL,
    thread_id TEXT,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sender TEXT,
    sender_name TEXT,
    recipients JSONB DEFAULT '[]'::jsonb NOT NULL,
    subject TEXT,
    body_text TEXT,
    body_purged_at TIMESTAMP WITH TIME ZONE,
    labels TEXT[] DEFAULT '{}'::text[] NOT NULL,
    payload JSONB DEFAULT '{}'::jsonb NOT NULL,
    content_hash TEXT,
    direction TEXT DEFAULT 'in'::text NOT NULL,
    contact_id UUID,
    processed_at TIMESTAMP WITH TIME ZONE,
    outcome TEXT,
    outcome_reason TEXT,
    google_calendar_id TEXT,
    etag TEXT,
    starts_at TIMESTAMP WITH TIME ZONE,
    ends_at TIMESTAMP WITH TIME ZONE,
    busy BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_source_items PRIMARY KEY (id),
    CONSTRAINT uq_source_items_user_id_id UNIQUE (user_id, id),
    CONSTRAINT fk_source_items_user_id_connection_id FOREIGN KEY(user_id, connection_id) REFERENCES oauth_connections (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_source_items_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE SET NULL (contact_id),
    CONSTRAINT ck_source_items_kind CHECK (kind IN ('mail', 'event')),
    CONSTRAINT ck_source_items_direction CHECK (direction IN ('in', 'out')),
    CONSTRAINT ck_source_items_outcome CHECK (outcome IN ('proposed', 'nothing', 'skipped', 'failed')),
    CONSTRAINT ck_source_items_stretch CHECK (ends_at >= starts_at),
    CONSTRAINT fk_source_items_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_source_items_busy ON source_items (user_id, starts_at, ends_at) WHERE kind = 'event'::text AND busy;
CREATE INDEX ix_source_items_newest ON source_items (user_id, kind, occurred_at);
CREATE INDEX ix_source_items_of_contact ON source_items (user_id, contact_id, occurred_at);
CREATE INDEX ix_source_items_thread ON source_items (user_id, thread_id);
CREATE INDEX ix_source_items_to_purge ON source_items (user_id, occurred_at) WHERE kind = 'mail'::text AND body_purged_at IS NULL;
CREATE INDEX ix_source_items_user_id_connection_id ON source_items (user_id, connection_id);
CREATE INDEX ix_source_items_waiting ON source_items (user_id, occurred_at) WHERE processed_at IS NULL;
CREATE UNIQUE INDEX uq_source_items_connected ON source_items (user_id, connection_id, google_calendar_id, external_id) NULLS NOT DISTINCT WHERE connection_id IS NOT NULL;
CREATE UNIQUE INDEX uq_source_items_imported ON source_items (user_id, provider, external_id) WHERE connection_id IS NULL;

CREATE TABLE pending_approvals (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    type TEXT NOT NULL,
    status TEXT DEFAULT 'pending'::text NOT NULL,
    related_contact_id UUID,
    related_session_id UUID,
    source_trigger TEXT,
    source_item_id UUID,
    data_payload JSONB DEFAULT '{}'::jsonb NOT NULL,
    ai_confidence_score NUMERIC(4, 3),
    resolved_at TIMESTAMP WITH TIME ZONE,
    summary TEXT DEFAULT ''::text NOT NULL,
    evidence JSONB DEFAULT '[]'::jsonb NOT NULL,
    bundle_id UUID,
    edited_payload JSONB,
    decided_fields JSONB,
    reject_reason TEXT,
    error TEXT,
    executed_at TIMESTAMP WITH TIME ZONE,
    undone_at TIMESTAMP WITH TIME ZONE,
    undo_log JSONB,
    expires_at TIMESTAMP WITH TIME ZONE,
    snoozed_until TIMESTAMP WITH TIME ZONE,
    dedupe_key TEXT NOT NULL,
    CONSTRAINT pk_pending_approvals PRIMARY KEY (id),
    CONSTRAINT uq_pending_approvals_user_id_id UNIQUE (user_id, id),
    CONSTRAINT uq_pending_approvals_user_id_dedupe_key UNIQUE (user_id, dedupe_key),
    CONSTRAINT fk_pending_approvals_user_id_related_contact_id FOREIGN KEY(user_id, related_contact_id) REFERENCES contacts (user_id, id) ON DELETE SET NULL (related_contact_id),
    CONSTRAINT fk_pending_approvals_user_id_related_session_id FOREIGN KEY(user_id, related_session_id) REFERENCES sessions (user_id, id) ON DELETE SET NULL (related_session_id),
    CONSTRAINT fk_pending_approvals_user_id_source_item_id FOREIGN KEY(user_id, source_item_id) REFERENCES source_items (user_id, id) ON DELETE SET NULL (source_item_id),
    CONSTRAINT ck_pending_approvals_status CHECK (status IN ('pending', 'snoozed', 'approved', 'executed', 'execution_failed', 'rejected', 'undone', 'expired')),
    CONSTRAINT ck_pending_approvals_ai_confidence_score CHECK (ai_confidence_score BETWEEN 0 AND 1),
    CONSTRAINT fk_pending_approvals_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_pending_approvals_bundle ON pending_approvals (user_id, bundle_id);
CREATE INDEX ix_pending_approvals_expiring ON pending_approvals (expires_at) WHERE status = 'pending'::text;
CREATE INDEX ix_pending_approvals_queue ON pending_approvals (user_id, status, created_at, id);
CREATE INDEX ix_pending_approvals_snoozed ON pending_approvals (snoozed_until) WHERE status = 'snoozed'::text;
CREATE INDEX ix_pending_approvals_user_id_related_contact_id ON pending_approvals (user_id, related_contact_id);
CREATE INDEX ix_pending_approvals_user_id_related_session_id ON pending_approvals (user_id, related_session_id);
CREATE INDEX ix_pending_approvals_user_id_source_item_id ON pending_approvals (user_id, source_item_id);

CREATE TABLE approval_rules (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    kind TEXT NOT NULL,
    match JSONB DEFAULT '{}'::jsonb NOT NULL,
    source_approval_id UUID,
    last_used_at TIMESTAMP WITH TIME ZONE,
    uses INTEGER DEFAULT 0 NOT NULL,
    is_active BOOLEAN DEFAULT true NOT NULL,
    CONSTRAINT pk_approval_rules PRIMARY KEY (id),
    CONSTRAINT fk_approval_rules_user_id_source_approval_id FOREIGN KEY(user_id, source_approval_id) REFERENCES pending_approvals (user_id, id) ON DELETE SET NULL (source_approval_id),
    CONSTRAINT ck_approval_rules_kind CHECK (kind IN ('never', 'auto')),
    CONSTRAINT fk_approval_rules_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_approval_rules_user_id_source_approval_id ON approval_rules (user_id, source_approval_id);

CREATE TABLE job_runs (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    connection_id UUID,
    status TEXT DEFAULT 'running'::text NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    seen INTEGER DEFAULT 0 NOT NULL,
    changed INTEGER DEFAULT 0 NOT NULL,
    skipped INTEGER DEFAULT 0 NOT NULL,
    proposed INTEGER DEFAULT 0 NOT NULL,
    error TEXT,
    next_retry_at TIMESTAMP WITH TIME ZONE,
    details JSONB DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT pk_job_runs PRIMARY KEY (id),
    CONSTRAINT fk_job_runs_user_id_connection_id FOREIGN KEY(user_id, connection_id) REFERENCES oauth_connections (user_id, id) ON DELETE SET NULL (connection_id),
    CONSTRAINT ck_job_runs_status CHECK (status IN ('running', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT fk_job_runs_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_job_runs_newest ON job_runs (user_id, kind, started_at);
CREATE INDEX ix_job_runs_running ON job_runs (kind, started_at) WHERE status = 'running'::text;
CREATE INDEX ix_job_runs_user_id_connection_id ON job_runs (user_id, connection_id);

CREATE TABLE outbox_messages (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    payload JSONB DEFAULT '{}'::jsonb NOT NULL,
    approval_id UUID,
    idempotency_key TEXT NOT NULL,
    status TEXT DEFAULT 'waiting'::text NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    not_before TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    claimed_until TIMESTAMP WITH TIME ZONE,
    last_error TEXT,
    delivered_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_outbox_messages PRIMARY KEY (id),
    CONSTRAINT uq_outbox_messages_user_id_idempotency_key UNIQUE (user_id, idempotency_key),
    CONSTRAINT fk_outbox_messages_user_id_approval_id FOREIGN KEY(user_id, approval_id) REFERENCES pending_approvals (user_id, id) ON DELETE SET NULL (approval_id),
    CONSTRAINT ck_outbox_messages_status CHECK (status IN ('waiting', 'claimed', 'delivered', 'failed', 'cancelled')),
    CONSTRAINT fk_outbox_messages_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_outbox_messages_by_status ON outbox_messages (user_id, status, not_before);
CREATE INDEX ix_outbox_messages_due ON outbox_messages (not_before) WHERE status IN ('waiting', 'claimed');
CREATE INDEX ix_outbox_messages_user_id_approval_id ON outbox_messages (user_id, approval_id);

CREATE TABLE webhook_events (
    user_id UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    provider TEXT NOT NULL,
    external_id TEXT NOT NULL,
    type TEXT NOT NULL,
    payload JSONB DEFAULT '{}'::jsonb NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    processed_at TIMESTAMP WITH TIME ZONE,
    error TEXT,
    CONSTRAINT pk_webhook_events PRIMARY KEY (id),
    CONSTRAINT uq_webhook_events_provider_external_id UNIQUE (provider, external_id),
    CONSTRAINT fk_webhook_events_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_webhook_events_user_id ON webhook_events (user_id);
CREATE INDEX ix_webhook_events_waiting ON webhook_events (received_at) WHERE processed_at IS NULL;

CREATE TABLE import_batches (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    mapping JSONB DEFAULT '{}'::jsonb NOT NULL,
    status TEXT DEFAULT 'running'::text NOT NULL,
    counts JSONB DEFAULT '{}'::jsonb NOT NULL,
    revert_log JSONB,
    reverted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_import_batches PRIMARY KEY (id),
    CONSTRAINT ck_import_batches_kind CHECK (kind IN ('csv', 'vcard', 'takeout')),
    CONSTRAINT ck_import_batches_status CHECK (status IN ('rehearsed', 'running', 'done', 'failed', 'reverted')),
    CONSTRAINT fk_import_batches_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_import_batches_newest ON import_batches (user_id, created_at);

CREATE TABLE audit_log (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_id UUID,
    before JSONB,
    after JSONB,
    reason TEXT,
    CONSTRAINT pk_audit_log PRIMARY KEY (id),
    CONSTRAINT ck_audit_log_actor CHECK (actor IN ('practitioner', 'assistant', 'google', 'stripe', 'client', 'system')),
    CONSTRAINT ck_audit_log_action CHECK (action IN ('insert', 'update', 'delete')),
    CONSTRAINT fk_audit_log_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_audit_log_entity ON audit_log (user_id, entity, entity_id, created_at);
CREATE INDEX ix_audit_log_newest ON audit_log (user_id, created_at);

CREATE TABLE search_entries (
    user_id UUID NOT NULL,
    kind TEXT NOT NULL,
    entity_id UUID NOT NULL,
    contact_id UUID,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    folded_title TEXT NOT NULL,
    document TSVECTOR NOT NULL,
    CONSTRAINT pk_search_entries PRIMARY KEY (user_id, kind, entity_id),
    CONSTRAINT fk_search_entries_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_search_entries_contact_document ON search_entries USING gin (document) WHERE kind = 'contact'::text;
CREATE INDEX ix_search_entries_document ON search_entries USING gin (document) WHERE kind <> 'contact'::text;
CREATE INDEX ix_search_entries_fuzzy ON search_entries USING gin (folded_title gin_trgm_ops) WHERE kind = 'contact'::text;
CREATE INDEX ix_search_entries_newest ON search_entries (user_id, occurred_at DESC) WHERE kind <> 'contact'::text;
CREATE INDEX ix_search_entries_starts_with ON search_entries (user_id, kind, folded_title text_pattern_ops);
