CREATE TABLE templates (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    name TEXT NOT NULL,
    subject TEXT,
    body_html TEXT NOT NULL,
    template_type TEXT DEFAULT 'email'::text NOT NULL,
    variables JSONB DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT pk_templates PRIMARY KEY (id),
    CONSTRAINT uq_templates_user_id_id UNIQUE (user_id, id),
    CONSTRAINT ck_templates_name CHECK (btrim(name) <> ''),
    CONSTRAINT fk_templates_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_templates_by_name ON templates (user_id, name);

CREATE TABLE template_versions (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    template_id UUID NOT NULL,
    number INTEGER NOT NULL,
    subject TEXT,
    body_html TEXT NOT NULL,
    CONSTRAINT pk_template_versions PRIMARY KEY (id),
    CONSTRAINT fk_template_versions_user_id_template_id FOREIGN KEY(user_id, template_id) REFERENCES templates (user_id, id) ON DELETE CASCADE,
    CONSTRAINT uq_template_versions_user_id_template_id_number UNIQUE (user_id, template_id, number),
    CONSTRAINT fk_template_versions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE communications (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    contact_id UUID NOT NULL,
    communication_type TEXT DEFAULT 'email'::text NOT NULL,
    subject TEXT,
    body_preview TEXT,
    body TEXT,
    status TEXT DEFAULT 'sent'::text NOT NULL,
    scheduled_for TIMESTAMP WITH TIME ZONE,
    sent_at TIMESTAMP WITH TIME ZONE,
    template_id UUID,
    thread_id TEXT,
    external_id TEXT,
    error TEXT,
    CONSTRAINT pk_communications PRIMARY KEY (id),
    CONSTRAINT fk_communications_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_communications_user_id_template_id FOREIGN KEY(user_id, template_id) REFERENCES templates (user_id, id) ON DELETE SET NULL (template_id),
    CONSTRAINT ck_communications_communication_type CHECK (communication_type IN ('email', 'sms')),
    CONSTRAINT ck_communications_status CHECK (status IN ('draft', 'scheduled', 'sent', 'failed', 'opened', 'clicked')),
    CONSTRAINT fk_communications_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_communications_by_status ON communications (user_id, status, scheduled_for);
CREATE INDEX ix_communications_of_contact ON communications (user_id, contact_id, sent_at);
CREATE INDEX ix_communications_user_id_template_id ON communications (user_id, template_id);

CREATE TABLE resource_folders (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    parent_id UUID,
    name TEXT NOT NULL,
    position INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_resource_folders PRIMARY KEY (id),
    CONSTRAINT uq_resource_folders_user_id_id UNIQUE (user_id, id),
    CONSTRAINT fk_resource_folders_user_id_parent_id FOREIGN KEY(user_id, parent_id) REFERENCES resource_folders (user_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_resource_folders_name CHECK (btrim(name) <> ''),
    CONSTRAINT ck_resource_folders_parent CHECK (parent_id <> id),
    CONSTRAINT fk_resource_folders_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_resource_folders_user_id_parent_id ON resource_folders (user_id, parent_id);

CREATE TABLE resources (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    folder_id UUID,
    title TEXT NOT NULL,
    description TEXT,
    resource_type TEXT,
    file_path_storage TEXT,
    external_url TEXT,
    tags TEXT[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT pk_resources PRIMARY KEY (id),
    CONSTRAINT uq_resources_user_id_id UNIQUE (user_id, id),
    CONSTRAINT fk_resources_user_id_folder_id FOREIGN KEY(user_id, folder_id) REFERENCES resource_folders (user_id, id) ON DELETE SET NULL (folder_id),
    CONSTRAINT ck_resources_resource_type CHECK (resource_type IN ('pdf', 'video_link', 'audio_file', 'image', 'link', 'document')),
    CONSTRAINT ck_resources_title CHECK (btrim(title) <> ''),
    CONSTRAINT fk_resources_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_resources_by_title ON resources (user_id, title);
CREATE INDEX ix_resources_user_id_folder_id ON resources (user_id, folder_id);

CREATE TABLE resource_shares (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    resource_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    shared_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    message TEXT,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_resource_shares PRIMARY KEY (resource_id, contact_id),
    CONSTRAINT fk_resource_shares_user_id_resource_id FOREIGN KEY(user_id, resource_id) REFERENCES resources (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_resource_shares_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_resource_shares_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_resource_shares_user_id_contact_id ON resource_shares (user_id, contact_id);
CREATE INDEX ix_resource_shares_user_id_resource_id ON resource_shares (user_id, resource_id);

CREATE TABLE group_resource_shares (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    resource_id UUID NOT NULL,
    group_id UUID NOT NULL,
    shared_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    message TEXT,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_group_resource_shares PRIMARY KEY (resource_id, group_id),
    CONSTRAINT fk_group_resource_shares_user_id_resource_id FOREIGN KEY(user_id, resource_id) REFERENCES resources (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_group_resource_shares_user_id_group_id FOREIGN KEY(user_id, group_id) REFERENCES groups (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_group_resource_shares_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_group_resource_shares_user_id_group_id ON group_resource_shares (user_id, group_id);
CREATE INDEX ix_group_resource_shares_user_id_resource_id ON group_resource_shares (user_id, resource_id);

CREATE TABLE share_links (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    contact_id UUID,
    session_id UUID,
    token_hash TEXT NOT NULL,
    pin_hash TEXT,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    last_opened_at TIMESTAMP WITH TIME ZONE,
    open_count INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_share_links PRIMARY KEY (id),
    CONSTRAINT uq_share_links_user_id_id UNIQUE (user_id, id),
    CONSTRAINT uq_share_links_token_hash UNIQUE (token_hash),
    CONSTRAINT fk_share_links_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_share_links_user_id_session_id FOREIGN KEY(user_id, session_id) REFERENCES sessions (user_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_share_links_kind CHECK (kind IN ('client_page', 'session_request', 'enquiry', 'calendar_feed')),
    CONSTRAINT fk_share_links_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_share_links_user_id_contact_id ON share_links (user_id, contact_id);
CREATE INDEX ix_share_links_user_id_session_id ON share_links (user_id, session_id);

CREATE TABLE resource_views (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    share_link_id UUID NOT NULL,
    resource_id UUID NOT NULL,
    viewed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    kind TEXT DEFAULT 'opened'::text NOT NULL,
    CONSTRAINT pk_resource_views PRIMARY KEY (id),
    CONSTRAINT fk_resource_views_user_id_share_link_id FOREIGN KEY(user_id, share_link_id) REFERENCES share_links (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_resource_views_user_id_resource_id FOREIGN KEY(user_id, resource_id) REFERENCES resources (user_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_resource_views_kind CHECK (kind IN ('opened', 'downloaded')),
    CONSTRAINT fk_resource_views_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_resource_views_user_id_share_link_id ON resource_views (user_id, share_link_id);
CREATE INDEX ix_resource_views_when ON resource_views (user_id, resource_id, viewed_at);

CREATE TABLE files (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    contact_id UUID,
    session_id UUID,
    resource_id UUID,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    storage_key TEXT NOT NULL,
    CONSTRAINT pk_files PRIMARY KEY (id),
    CONSTRAINT uq_files_user_id_storage_key UNIQUE (user_id, storage_key),
    CONSTRAINT fk_files_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_files_user_id_session_id FOREIGN KEY(user_id, session_id) REFERENCES sessions (user_id, id) ON DELETE SET NULL (session_id),
    CONSTRAINT fk_files_user_id_resource_id FOREIGN KEY(user_id, resource_id) REFERENCES resources (user_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_files_size CHECK (size >= 0),
    CONSTRAINT fk_files_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_files_user_id_contact_id ON files (user_id, contact_id);
CREATE INDEX ix_files_user_id_resource_id ON files (user_id, resource_id);
CREATE INDEX ix_files_user_id_session_id ON files (user_id, session_id);

CREATE TABLE forms (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    name TEXT NOT NULL,
    fields JSONB DEFAULT '[]'::jsonb NOT NULL,
    text_version TEXT DEFAULT '1'::text NOT NULL,
    is_active BOOLEAN DEFAULT true NOT NULL,
    CONSTRAINT pk_forms PRIMARY KEY (id),
    CONSTRAINT uq_forms_user_id_id UNIQUE (user_id, id),
    CONSTRAINT ck_forms_name CHECK (btrim(name) <> ''),
    CONSTRAINT fk_forms_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE form_responses (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    form_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    answers JSONB DEFAULT '{}'::jsonb NOT NULL,
    text_version TEXT DEFAULT '1'::text NOT NULL,
    signed_name TEXT,
    submitted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_form_responses PRIMARY KEY (id),
    CONSTRAINT fk_form_responses_user_id_form_id FOREIGN KEY(user_id, form_id) REFERENCES forms (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_form_responses_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_form_responses_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_form_responses_of_contact ON form_responses (user_id, contact_id, submitted_at);
CREATE INDEX ix_form_responses_user_id_form_id ON form_responses (user_id, form_id);
