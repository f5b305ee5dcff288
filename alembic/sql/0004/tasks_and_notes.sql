CREATE TABLE project_contacts (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    project_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    CONSTRAINT pk_project_contacts PRIMARY KEY (project_id, contact_id),
    CONSTRAINT fk_project_contacts_user_id_project_id FOREIGN KEY(user_id, project_id) REFERENCES projects (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_project_contacts_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_project_contacts_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_project_contacts_user_id_contact_id ON project_contacts (user_id, contact_id);
CREATE INDEX ix_project_contacts_user_id_project_id ON project_contacts (user_id, project_id);

CREATE TABLE project_sessions (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    project_id UUID NOT NULL,
    session_id UUID NOT NULL,
    CONSTRAINT pk_project_sessions PRIMARY KEY (project_id, session_id),
    CONSTRAINT fk_project_sessions_user_id_project_id FOREIGN KEY(user_id, project_id) REFERENCES projects (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_project_sessions_user_id_session_id FOREIGN KEY(user_id, session_id) REFERENCES sessions (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_project_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_project_sessions_user_id_project_id ON project_sessions (user_id, project_id);
CREATE INDEX ix_project_sessions_user_id_session_id ON project_sessions (user_id, session_id);

CREATE TABLE note_templates (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    name TEXT NOT NULL,
    note_type TEXT DEFAULT 'session'::text NOT NULL,
    content TEXT NOT NULL,
    CONSTRAINT pk_note_templates PRIMARY KEY (id),
    CONSTRAINT uq_note_templates_user_id_id UNIQUE (user_id, id),
    CONSTRAINT uq_note_templates_user_id_name UNIQUE (user_id, name),
    CONSTRAINT ck_note_templates_name CHECK (btrim(name) <> ''),
    CONSTRAINT fk_note_templates_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

ALTER TABLE projects
    ADD COLUMN description TEXT,
    ADD COLUMN due_on DATE,
    ADD COLUMN sections TEXT[] DEFAULT '{}'::text[] NOT NULL;

ALTER TABLE tasks
    ADD COLUMN occurs_on DATE,
    ADD COLUMN section TEXT DEFAULT ''::text NOT NULL,
    ADD CONSTRAINT uq_tasks_user_id_series_id_occurs_on UNIQUE (user_id, series_id, occurs_on);
DROP INDEX ix_tasks_user_id_series_id;
DROP INDEX ix_tasks_user_id_project_id;
CREATE INDEX ix_tasks_of_project ON tasks (user_id, project_id, status, position);
CREATE INDEX ix_tasks_open ON tasks (user_id, due_date, id) WHERE status = ANY (ARRAY['pending'::text, 'in_progress'::text, 'deferred'::text]);
CREATE INDEX ix_tasks_done ON tasks (user_id, completed_at, id) WHERE status = 'completed'::text;

ALTER TABLE notes
    ADD COLUMN project_id UUID,
    ADD COLUMN entry_key UUID,
    ADD COLUMN sitting UUID,
    ADD CONSTRAINT fk_notes_user_id_project_id FOREIGN KEY(user_id, project_id) REFERENCES projects (user_id, id) ON DELETE SET NULL (project_id),
    ADD CONSTRAINT uq_notes_user_id_entry_key UNIQUE (user_id, entry_key);
CREATE INDEX ix_notes_user_id_project_id ON notes (user_id, project_id);
CREATE INDEX ix_notes_of_type ON notes (user_id, note_type, created_at, id);
CREATE INDEX ix_notes_pinned ON notes (user_id, created_at, id) WHERE is_pinned;
