CREATE TABLE services (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    duration_minutes INTEGER,
    price NUMERIC(14, 3),
    currency CHAR(3) DEFAULT practitioner_currency() NOT NULL,
    tax_rate NUMERIC(6, 3),
    capacity INTEGER DEFAULT 1 NOT NULL,
    color TEXT,
    buffer_before_minutes INTEGER DEFAULT 0 NOT NULL,
    buffer_after_minutes INTEGER DEFAULT 0 NOT NULL,
    cancellation_window_hours INTEGER,
    late_cancel_fee NUMERIC(14, 3),
    reminder_hours INTEGER[] DEFAULT '{24}'::integer[] NOT NULL,
    location TEXT,
    billing_code TEXT,
    is_active BOOLEAN DEFAULT true NOT NULL,
    CONSTRAINT pk_services PRIMARY KEY (id),
    CONSTRAINT uq_services_user_id_id UNIQUE (user_id, id),
    CONSTRAINT ck_services_name CHECK (btrim(name) <> ''),
    CONSTRAINT ck_services_duration_minutes CHECK (duration_minutes BETWEEN 1 AND 1440),
    CONSTRAINT ck_services_price CHECK (price >= 0),
    CONSTRAINT ck_services_capacity CHECK (capacity >= 1),
    CONSTRAINT ck_services_buffers CHECK (buffer_before_minutes >= 0 AND buffer_after_minutes >= 0),
    CONSTRAINT fk_services_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE availability (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    weekday INTEGER NOT NULL,
    starts_at TIME WITHOUT TIME ZONE NOT NULL,
    ends_at TIME WITHOUT TIME ZONE NOT NULL,
    location TEXT,
    CONSTRAINT pk_availability PRIMARY KEY (id),
    CONSTRAINT ck_availability_weekday CHECK (weekday BETWEEN 0 AND 6),
    CONSTRAINT ck_availability_hours CHECK (ends_at > starts_at),
    CONSTRAINT fk_availability_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_availability_weekday ON availability (user_id, weekday);

CREATE TABLE time_off (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT,
    CONSTRAINT pk_time_off PRIMARY KEY (id),
    CONSTRAINT ck_time_off_stretch CHECK (ends_at > starts_at),
    CONSTRAINT fk_time_off_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_time_off_when ON time_off (user_id, ends_at);

CREATE TABLE programs (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    start_date DATE,
    end_date DATE,
    price NUMERIC(14, 3),
    currency CHAR(3) DEFAULT practitioner_currency() NOT NULL,
    status TEXT DEFAULT 'draft'::text NOT NULL,
    capacity INTEGER,
    total_sessions INTEGER,
    credits_per_enrollment INTEGER,
    CONSTRAINT pk_programs PRIMARY KEY (id),
    CONSTRAINT uq_programs_user_id_id UNIQUE (user_id, id),
    CONSTRAINT ck_programs_status CHECK (status IN ('draft', 'active', 'archived')),
    CONSTRAINT ck_programs_name CHECK (btrim(name) <> ''),
    CONSTRAINT ck_programs_dates CHECK (end_date >= start_date),
    CONSTRAINT ck_programs_capacity CHECK (capacity >= 1),
    CONSTRAINT fk_programs_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE program_enrollments (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    program_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    enrollment_date TIMESTAMP WITH TIME ZONE DEFAULT now(),
    status TEXT DEFAULT 'active'::text NOT NULL,
    completion_date TIMESTAMP WITH TIME ZONE,
    expires_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_program_enrollments PRIMARY KEY (program_id, contact_id),
    CONSTRAINT uq_program_enrollments_user_id_contact_id_program_id UNIQUE (user_id, contact_id, program_id),
    CONSTRAINT fk_program_enrollments_user_id_program_id FOREIGN KEY(user_id, program_id) REFERENCES programs (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_program_enrollments_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_program_enrollments_status CHECK (status IN ('active', 'paused', 'completed', 'cancelled')),
    CONSTRAINT fk_program_enrollments_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_program_enrollments_user_id_program_id ON program_enrollments (user_id, program_id);

CREATE TABLE session_series (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    rrule TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE,
    template JSONB DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT pk_session_series PRIMARY KEY (id),
    CONSTRAINT uq_session_series_user_id_id UNIQUE (user_id, id),
    CONSTRAINT fk_session_series_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE sessions (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    contact_id UUID,
    program_id UUID,
    service_id UUID,
    title TEXT NOT NULL,
    scheduled_at TIMESTAMP WITH TIME ZONE NOT NULL,
    duration_minutes INTEGER,
    location TEXT,
    status TEXT DEFAULT 'scheduled_in_crm'::text NOT NULL,
    notes TEXT,
    google_calendar_id TEXT,
    google_calendar_event_id TEXT,
    google_etag TEXT,
    meeting_url TEXT,
    capacity INTEGER DEFAULT 1 NOT NULL,
    overlap_allowed BOOLEAN DEFAULT false NOT NULL,
    cancelled_at TIMESTAMP WITH TIME ZONE,
    cancelled_by TEXT,
    late_cancel BOOLEAN DEFAULT false NOT NULL,
    series_id UUID,
    original_start_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT uq_sessions_user_id_id UNIQUE (user_id, id),
    CONSTRAINT uq_sessions_user_id_google_calendar_id_google_calendar_event_id UNIQUE (user_id, google_calendar_id, google_calendar_event_id),
    CONSTRAINT fk_sessions_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_sessions_user_id_program_id FOREIGN KEY(user_id, program_id) REFERENCES programs (user_id, id) ON DELETE SET NULL (program_id),
    CONSTRAINT fk_sessions_user_id_service_id FOREIGN KEY(user_id, service_id) REFERENCES services (user_id, id) ON DELETE SET NULL (service_id),
    CONSTRAINT fk_sessions_user_id_series_id FOREIGN KEY(user_id, series_id) REFERENCES session_series (user_id, id) ON DELETE SET NULL (series_id),
    CONSTRAINT ck_sessions_status CHECK (status IN ('pending_ai_confirmation', 'scheduled_in_crm', 'synced_to_gcal', 'completed', 'cancelled', 'no_show')),
    CONSTRAINT ck_sessions_cancelled_by CHECK (cancelled_by IN ('practitioner', 'client', 'google')),
    CONSTRAINT ex_sessions_overlap EXCLUDE USING gist (user_id WITH =, session_span(scheduled_at, duration_minutes) WITH &&) WHERE (status IN ('scheduled_in_crm', 'synced_to_gcal') AND NOT overlap_allowed),
    CONSTRAINT ck_sessions_title CHECK (btrim(title) <> ''),
    CONSTRAINT ck_sessions_duration_minutes CHECK (duration_minutes BETWEEN 1 AND 20160),
    CONSTRAINT ck_sessions_capacity CHECK (capacity >= 1),
    CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_sessions_of_contact ON sessions (user_id, contact_id, scheduled_at);
CREATE INDEX ix_sessions_user_id_program_id ON sessions (user_id, program_id);
CREATE INDEX ix_sessions_user_id_series_id ON sessions (user_id, series_id);
CREATE INDEX ix_sessions_user_id_service_id ON sessions (user_id, service_id);
CREATE INDEX ix_sessions_when ON sessions (user_id, scheduled_at, id);
CREATE UNIQUE INDEX uq_sessions_series_instance ON sessions (user_id, series_id, original_start_at) WHERE series_id IS NOT NULL;

CREATE TABLE session_attendees (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    session_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    attendance_status TEXT DEFAULT 'registered'::text NOT NULL,
    notes TEXT,
    CONSTRAINT pk_session_attendees PRIMARY KEY (session_id, contact_id),
    CONSTRAINT fk_session_attendees_user_id_session_id FOREIGN KEY(user_id, session_id) REFERENCES sessions (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_session_attendees_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_session_attendees_attendance_status CHECK (attendance_status IN ('registered', 'present', 'late', 'no_show', 'cancelled')),
    CONSTRAINT fk_session_attendees_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_session_attendees_user_id_contact_id ON session_attendees (user_id, contact_id);
CREATE INDEX ix_session_attendees_user_id_session_id ON session_attendees (user_id, session_id);

CREATE TABLE session_reminders (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    session_id UUID NOT NULL,
    contact_id UUID NOT NULL,
    channel TEXT DEFAULT 'email'::text NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    status TEXT DEFAULT 'waiting'::text NOT NULL,
    error TEXT,
    CONSTRAINT pk_session_reminders PRIMARY KEY (id),
    CONSTRAINT uq_session_reminders_user_id_session_id_contact_id_due_at UNIQUE (user_id, session_id, contact_id, due_at),
    CONSTRAINT fk_session_reminders_user_id_session_id FOREIGN KEY(user_id, session_id) REFERENCES sessions (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_session_reminders_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_session_reminders_channel CHECK (channel IN ('email')),
    CONSTRAINT ck_session_reminders_status CHECK (status IN ('waiting', 'sent', 'skipped', 'failed')),
    CONSTRAINT fk_session_reminders_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_session_reminders_due ON session_reminders (due_at) WHERE status = 'waiting'::text;
CREATE INDEX ix_session_reminders_user_id_contact_id ON session_reminders (user_id, contact_id);

CREATE TABLE waitlist_entries (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    session_id UUID,
    service_id UUID,
    contact_id UUID NOT NULL,
    wanted JSONB DEFAULT '{}'::jsonb NOT NULL,
    note TEXT DEFAULT ''::text NOT NULL,
    fulfilled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_waitlist_entries PRIMARY KEY (id),
    CONSTRAINT fk_waitlist_entries_user_id_session_id FOREIGN KEY(user_id, session_id) REFERENCES sessions (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_waitlist_entries_user_id_service_id FOREIGN KEY(user_id, service_id) REFERENCES services (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_waitlist_entries_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_waitlist_entries_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_waitlist_entries_user_id_contact_id ON waitlist_entries (user_id, contact_id);
CREATE INDEX ix_waitlist_entries_user_id_service_id ON waitlist_entries (user_id, service_id);
CREATE INDEX ix_waitlist_entries_user_id_session_id ON waitlist_entries (user_id, session_id);

CREATE TABLE credit_entries (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    contact_id UUID NOT NULL,
    program_id UUID NOT NULL,
    session_id UUID,
    delta INTEGER NOT NULL,
    reason TEXT NOT NULL,
    note TEXT,
    CONSTRAINT pk_credit_entries PRIMARY KEY (id),
    CONSTRAINT fk_credit_entries_user_id_contact_id_program_id FOREIGN KEY(user_id, contact_id, program_id) REFERENCES program_enrollments (user_id, contact_id, program_id) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT fk_credit_entries_user_id_session_id FOREIGN KEY(user_id, session_id) REFERENCES sessions (user_id, id) ON DELETE SET NULL (session_id),
    CONSTRAINT ck_credit_entries_reason CHECK (reason IN ('purchase', 'attendance', 'no_show', 'late_cancel', 'restore', 'adjust', 'transfer', 'expire')),
    CONSTRAINT ck_credit_entries_delta CHECK (delta <> 0),
    CONSTRAINT fk_credit_entries_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_credit_entries_enrollment ON credit_entries (user_id, contact_id, program_id, created_at);
CREATE INDEX ix_credit_entries_user_id_session_id ON credit_entries (user_id, session_id);

CREATE TABLE projects (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    name TEXT NOT NULL,
    status TEXT DEFAULT 'active'::text NOT NULL,
    CONSTRAINT pk_projects PRIMARY KEY (id),
    CONSTRAINT uq_projects_user_id_id UNIQUE (user_id, id),
    CONSTRAINT ck_projects_status CHECK (status IN ('active', 'completed', 'archived')),
    CONSTRAINT ck_projects_name CHECK (btrim(name) <> ''),
    CONSTRAINT fk_projects_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE task_series (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    rrule TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE,
    template JSONB DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT pk_task_series PRIMARY KEY (id),
    CONSTRAINT uq_task_series_user_id_id UNIQUE (user_id, id),
    CONSTRAINT fk_task_series_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE tasks (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    contact_id UUID,
    project_id UUID,
    session_id UUID,
    title TEXT NOT NULL,
    description TEXT,
    due_date TIMESTAMP WITH TIME ZONE,
    due_has_time BOOLEAN DEFAULT false NOT NULL,
    priority TEXT DEFAULT 'medium'::text NOT NULL,
    status TEXT DEFAULT 'pending'::text NOT NULL,
    completed_at TIMESTAMP WITH TIME ZONE,
    parent_task_id UUID,
    series_id UUID,
    position INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_tasks PRIMARY KEY (id),
    CONSTRAINT uq_tasks_user_id_id UNIQUE (user_id, id),
    CONSTRAINT fk_tasks_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_tasks_user_id_project_id FOREIGN KEY(user_id, project_id) REFERENCES projects (user_id, id) ON DELETE SET NULL (project_id),
    CONSTRAINT fk_tasks_user_id_session_id FOREIGN KEY(user_id, session_id) REFERENCES sessions (user_id, id) ON DELETE SET NULL (session_id),
    CONSTRAINT fk_tasks_user_id_parent_task_id FOREIGN KEY(user_id, parent_task_id) REFERENCES tasks (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_tasks_user_id_series_id FOREIGN KEY(user_id, series_id) REFERENCES task_series (user_id, id) ON DELETE SET NULL (series_id),
    CONSTRAINT ck_tasks_priority CHECK (priority IN ('low', 'medium', 'high')),
    CONSTRAINT ck_tasks_status CHECK (status IN ('pending', 'in_progress', 'completed', 'deferred')),
    CONSTRAINT ck_tasks_title CHECK (btrim(title) <> ''),
    CONSTRAINT ck_tasks_parent CHECK (parent_task_id <> id),
    CONSTRAINT fk_tasks_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_tasks_due ON tasks (user_id, status, due_date, id);
CREATE INDEX ix_tasks_of_contact ON tasks (user_id, contact_id, due_date);
CREATE INDEX ix_tasks_user_id_parent_task_id ON tasks (user_id, parent_task_id);
CREATE INDEX ix_tasks_user_id_project_id ON tasks (user_id, project_id);
CREATE INDEX ix_tasks_user_id_series_id ON tasks (user_id, series_id);
CREATE INDEX ix_tasks_user_id_session_id ON tasks (user_id, session_id);

CREATE TABLE notes (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    contact_id UUID,
    session_id UUID,
    program_id UUID,
    title TEXT,
    content TEXT NOT NULL,
    is_pinned BOOLEAN DEFAULT false NOT NULL,
    note_type TEXT DEFAULT 'general'::text NOT NULL,
    CONSTRAINT pk_notes PRIMARY KEY (id),
    CONSTRAINT uq_notes_user_id_id UNIQUE (user_id, id),
    CONSTRAINT fk_notes_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_notes_user_id_session_id FOREIGN KEY(user_id, session_id) REFERENCES sessions (user_id, id) ON DELETE SET NULL (session_id),
    CONSTRAINT fk_notes_user_id_program_id FOREIGN KEY(user_id, program_id) REFERENCES programs (user_id, id) ON DELETE SET NULL (program_id),
    CONSTRAINT fk_notes_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_notes_newest ON notes (user_id, created_at);
CREATE INDEX ix_notes_of_contact ON notes (user_id, contact_id, created_at);
CREATE INDEX ix_notes_user_id_program_id ON notes (user_id, program_id);
CREATE INDEX ix_notes_user_id_session_id ON notes (user_id, session_id);

CREATE TABLE note_versions (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    note_id UUID NOT NULL,
    number INTEGER NOT NULL,
    title TEXT,
    content TEXT NOT NULL,
    CONSTRAINT pk_note_versions PRIMARY KEY (id),
    CONSTRAINT fk_note_versions_user_id_note_id FOREIGN KEY(user_id, note_id) REFERENCES notes (user_id, id) ON DELETE CASCADE,
    CONSTRAINT uq_note_versions_user_id_note_id_number UNIQUE (user_id, note_id, number),
    CONSTRAINT fk_note_versions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
