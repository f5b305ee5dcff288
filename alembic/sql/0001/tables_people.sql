CREATE TABLE users (
    id UUID NOT NULL,
    email TEXT NOT NULL,
    name TEXT DEFAULT ''::text NOT NULL,
    password_hash TEXT,
    email_verified_at TIMESTAMP WITH TIME ZONE,
    time_zone TEXT DEFAULT 'UTC'::text NOT NULL,
    locale TEXT DEFAULT 'en'::text NOT NULL,
    currency CHAR(3) DEFAULT 'USD'::bpchar NOT NULL,
    week_start INTEGER DEFAULT 0 NOT NULL,
    business_name TEXT,
    language TEXT DEFAULT 'en'::text NOT NULL,
    photo_path TEXT,
    totp_secret TEXT,
    recovery_codes TEXT[] DEFAULT '{}'::text[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT ck_users_email CHECK (email <> ''),
    CONSTRAINT ck_users_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT ck_users_week_start CHECK (week_start BETWEEN 0 AND 6),
    CONSTRAINT ck_users_totp_secret_sealed CHECK (totp_secret LIKE 'v1.%')
);
CREATE UNIQUE INDEX uq_users_email ON users (lower(email));

CREATE TABLE user_identities (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    email TEXT,
    CONSTRAINT pk_user_identities PRIMARY KEY (id),
    CONSTRAINT uq_user_identities_provider_subject UNIQUE (provider, subject),
    CONSTRAINT uq_user_identities_user_id_provider UNIQUE (user_id, provider),
    CONSTRAINT fk_user_identities_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE login_sessions (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    token_hash TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE,
    user_agent TEXT,
    ip_address TEXT,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_login_sessions PRIMARY KEY (id),
    CONSTRAINT uq_login_sessions_token_hash UNIQUE (token_hash),
    CONSTRAINT fk_login_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_login_sessions_user_id ON login_sessions (user_id);

CREATE TABLE user_settings (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    setting_key TEXT NOT NULL,
    setting_value JSONB,
    CONSTRAINT pk_user_settings PRIMARY KEY (user_id, setting_key),
    CONSTRAINT fk_user_settings_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE rate_limits (
    key TEXT NOT NULL,
    window_started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_rate_limits PRIMARY KEY (key)
);

CREATE TABLE contacts (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT,
    display_name TEXT GENERATED ALWAYS AS (btrim(first_name || ' '::text || COALESCE(last_name, ''::text))) STORED NOT NULL,
    email TEXT,
    phone TEXT,
    company TEXT,
    job_title TEXT,
    date_of_birth DATE,
    pronouns TEXT,
    website TEXT,
    address_street TEXT,
    address_city TEXT,
    address_state TEXT,
    address_postal_code TEXT,
    address_country TEXT,
    profile_image_path TEXT,
    social_profiles JSONB DEFAULT '{}'::jsonb NOT NULL,
    tags TEXT[] DEFAULT '{}'::text[] NOT NULL,
    notes TEXT,
    source TEXT DEFAULT 'manual'::text NOT NULL,
    referral_source TEXT,
    lifecycle_stage TEXT DEFAULT 'active'::text NOT NULL,
    client_since DATE,
    calendar_name TEXT,
    last_contacted_at TIMESTAMP WITH TIME ZONE,
    preferred_channel TEXT,
    time_zone TEXT,
    wellness_goals TEXT[] DEFAULT '{}'::text[] NOT NULL,
    emergency_contact JSONB DEFAULT '{}'::jsonb NOT NULL,
    health_notes TEXT,
    insurer_name TEXT,
    insurer_policy_number TEXT,
    ai_allowed BOOLEAN DEFAULT true NOT NULL,
    mail_allowed BOOLEAN DEFAULT true NOT NULL,
    custom_fields JSONB DEFAULT '{}'::jsonb NOT NULL,
    archived_at TIMESTAMP WITH TIME ZONE,
    merged_into_id UUID,
    CONSTRAINT pk_contacts PRIMARY KEY (id),
    CONSTRAINT uq_contacts_user_id_id UNIQUE (user_id, id),
    CONSTRAINT fk_contacts_user_id_merged_into_id FOREIGN KEY(user_id, merged_into_id) REFERENCES contacts (user_id, id) ON DELETE SET NULL (merged_into_id),
    CONSTRAINT ck_contacts_source CHECK (source IN ('manual', 'csv_import', 'vcard_import', 'takeout', 'gmail', 'google_calendar', 'google_contacts', 'website_form', 'referral')),
    CONSTRAINT ck_contacts_lifecycle_stage CHECK (lifecycle_stage IN ('lead', 'active', 'paused', 'former')),
    CONSTRAINT ck_contacts_first_name CHECK (btrim(first_name) <> ''),
    CONSTRAINT ck_contacts_health_notes_sealed CHECK (health_notes LIKE 'v1.%'),
    CONSTRAINT fk_contacts_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_contacts_by_name ON contacts (user_id, display_name, id) WHERE archived_at IS NULL;
CREATE INDEX ix_contacts_last_contacted ON contacts (user_id, last_contacted_at);
CREATE INDEX ix_contacts_newest ON contacts (user_id, created_at, id) WHERE archived_at IS NULL;
CREATE INDEX ix_contacts_user_id_merged_into_id ON contacts (user_id, merged_into_id);

CREATE TABLE contact_identifiers (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    contact_id UUID NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    label TEXT,
    is_primary BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_contact_identifiers PRIMARY KEY (id),
    CONSTRAINT uq_contact_identifiers_user_id_kind_value_contact_id UNIQUE (user_id, kind, value, contact_id),
    CONSTRAINT fk_contact_identifiers_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_contact_identifiers_kind CHECK (kind IN ('email', 'phone')),
    CONSTRAINT ck_contact_identifiers_value CHECK (value <> '' AND value = lower(btrim(value))),
    CONSTRAINT fk_contact_identifiers_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_contact_identifiers_user_id_contact_id ON contact_identifiers (user_id, contact_id);
CREATE UNIQUE INDEX uq_contact_identifiers_primary ON contact_identifiers (user_id, contact_id, kind) WHERE is_primary;

CREATE TABLE consents (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    contact_id UUID NOT NULL,
    kind TEXT NOT NULL,
    text_version TEXT DEFAULT '1'::text NOT NULL,
    granted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    evidence TEXT,
    CONSTRAINT pk_consents PRIMARY KEY (id),
    CONSTRAINT fk_consents_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_consents_kind CHECK (kind IN ('data_processing', 'marketing', 'health_data', 'ai_processing', 'photo')),
    CONSTRAINT fk_consents_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_consents_contact ON consents (user_id, contact_id, kind, granted_at);

CREATE TABLE merge_log (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    kept_contact_id UUID NOT NULL,
    merged_contact_id UUID NOT NULL,
    before JSONB DEFAULT '{}'::jsonb NOT NULL,
    moved JSONB DEFAULT '{}'::jsonb NOT NULL,
    unmerged_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_merge_log PRIMARY KEY (id),
    CONSTRAINT fk_merge_log_user_id_kept_contact_id FOREIGN KEY(user_id, kept_contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_merge_log_user_id_merged_contact_id FOREIGN KEY(user_id, merged_contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_merge_log_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_merge_log_user_id_kept_contact_id ON merge_log (user_id, kept_contact_id);
CREATE INDEX ix_merge_log_user_id_merged_contact_id ON merge_log (user_id, merged_contact_id);

CREATE TABLE erased_ids (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    entity TEXT NOT NULL,
    entity_id UUID NOT NULL,
    identifier_hashes TEXT[] DEFAULT '{}'::text[] NOT NULL,
    erased_at TIMESTAMP WITH TIME ZONE NOT NULL,
    counts JSONB,
    CONSTRAINT pk_erased_ids PRIMARY KEY (id),
    CONSTRAINT uq_erased_ids_user_id_entity_entity_id UNIQUE (user_id, entity, entity_id),
    CONSTRAINT fk_erased_ids_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE groups (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    icon TEXT,
    color TEXT,
    is_private BOOLEAN DEFAULT false NOT NULL,
    position INTEGER DEFAULT 0 NOT NULL,
    rule JSONB,
    CONSTRAINT pk_groups PRIMARY KEY (id),
    CONSTRAINT uq_groups_user_id_id UNIQUE (user_id, id),
    CONSTRAINT uq_groups_user_id_name UNIQUE (user_id, name),
    CONSTRAINT ck_groups_name CHECK (btrim(name) <> ''),
    CONSTRAINT fk_groups_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE contact_groups (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    contact_id UUID NOT NULL,
    group_id UUID NOT NULL,
    CONSTRAINT pk_contact_groups PRIMARY KEY (contact_id, group_id),
    CONSTRAINT fk_contact_groups_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_contact_groups_user_id_group_id FOREIGN KEY(user_id, group_id) REFERENCES groups (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_contact_groups_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_contact_groups_user_id_contact_id ON contact_groups (user_id, contact_id);
CREATE INDEX ix_contact_groups_user_id_group_id ON contact_groups (user_id, group_id);

CREATE TABLE tag_colors (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    tag TEXT NOT NULL,
    color TEXT NOT NULL,
    CONSTRAINT pk_tag_colors PRIMARY KEY (id),
    CONSTRAINT uq_tag_colors_user_id_tag UNIQUE (user_id, tag),
    CONSTRAINT fk_tag_colors_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE saved_views (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    page TEXT NOT NULL,
    name TEXT NOT NULL,
    filters JSONB DEFAULT '{}'::jsonb NOT NULL,
    sort TEXT,
    columns TEXT[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT pk_saved_views PRIMARY KEY (id),
    CONSTRAINT uq_saved_views_user_id_page_name UNIQUE (user_id, page, name),
    CONSTRAINT fk_saved_views_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
