CREATE TABLE invoices (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    contact_id UUID,
    number TEXT,
    status TEXT DEFAULT 'draft'::text NOT NULL,
    issued_on DATE,
    due_on DATE,
    currency CHAR(3) DEFAULT practitioner_currency() NOT NULL,
    subtotal NUMERIC(14, 3) DEFAULT '0'::numeric NOT NULL,
    tax_total NUMERIC(14, 3) DEFAULT '0'::numeric NOT NULL,
    total NUMERIC(14, 3) DEFAULT '0'::numeric NOT NULL,
    amount_paid NUMERIC(14, 3) DEFAULT '0'::numeric NOT NULL,
    notes TEXT,
    terms TEXT,
    pdf_path TEXT,
    billing_snapshot JSONB DEFAULT '{}'::jsonb NOT NULL,
    reminders_paused BOOLEAN DEFAULT false NOT NULL,
    external_invoice_id TEXT,
    insurer_name TEXT,
    insurer_policy_number TEXT,
    insurer_reference TEXT,
    CONSTRAINT pk_invoices PRIMARY KEY (id),
    CONSTRAINT uq_invoices_user_id_id UNIQUE (user_id, id),
    CONSTRAINT uq_invoices_user_id_number UNIQUE (user_id, number),
    CONSTRAINT fk_invoices_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE SET NULL (contact_id),
    CONSTRAINT ck_invoices_status CHECK (status IN ('draft', 'sent', 'partially_paid', 'paid', 'overdue', 'void')),
    CONSTRAINT ck_invoices_numbered CHECK (status = 'draft' OR number IS NOT NULL),
    CONSTRAINT ck_invoices_amount_paid CHECK (amount_paid >= 0),
    CONSTRAINT fk_invoices_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_invoices_by_status ON invoices (user_id, status, due_on);
CREATE INDEX ix_invoices_of_contact ON invoices (user_id, contact_id, issued_on);

CREATE TABLE invoice_counters (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    series TEXT NOT NULL,
    last_number INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_invoice_counters PRIMARY KEY (user_id, series),
    CONSTRAINT ck_invoice_counters_last_number CHECK (last_number >= 0),
    CONSTRAINT fk_invoice_counters_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE invoice_items (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    invoice_id UUID NOT NULL,
    session_id UUID,
    program_id UUID,
    service_id UUID,
    description TEXT NOT NULL,
    quantity NUMERIC DEFAULT '1'::numeric NOT NULL,
    unit_price NUMERIC(14, 3) DEFAULT '0'::numeric NOT NULL,
    tax_rate NUMERIC(6, 3) DEFAULT '0'::numeric NOT NULL,
    line_total NUMERIC(14, 3) DEFAULT '0'::numeric NOT NULL,
    position INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_invoice_items PRIMARY KEY (id),
    CONSTRAINT fk_invoice_items_user_id_invoice_id FOREIGN KEY(user_id, invoice_id) REFERENCES invoices (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_invoice_items_user_id_session_id FOREIGN KEY(user_id, session_id) REFERENCES sessions (user_id, id) ON DELETE SET NULL (session_id),
    CONSTRAINT fk_invoice_items_user_id_program_id FOREIGN KEY(user_id, program_id) REFERENCES programs (user_id, id) ON DELETE SET NULL (program_id),
    CONSTRAINT fk_invoice_items_user_id_service_id FOREIGN KEY(user_id, service_id) REFERENCES services (user_id, id) ON DELETE SET NULL (service_id),
    CONSTRAINT fk_invoice_items_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_invoice_items_of_invoice ON invoice_items (user_id, invoice_id, position);
CREATE INDEX ix_invoice_items_user_id_program_id ON invoice_items (user_id, program_id);
CREATE INDEX ix_invoice_items_user_id_service_id ON invoice_items (user_id, service_id);
CREATE INDEX ix_invoice_items_user_id_session_id ON invoice_items (user_id, session_id);

CREATE TABLE credit_notes (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    invoice_id UUID NOT NULL,
    number TEXT NOT NULL,
    issued_on DATE NOT NULL,
    amount NUMERIC(14, 3) NOT NULL,
    currency CHAR(3) DEFAULT practitioner_currency() NOT NULL,
    reason TEXT DEFAULT ''::text NOT NULL,
    billing_snapshot JSONB DEFAULT '{}'::jsonb NOT NULL,
    pdf_path TEXT,
    sent_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_credit_notes PRIMARY KEY (id),
    CONSTRAINT uq_credit_notes_user_id_number UNIQUE (user_id, number),
    CONSTRAINT fk_credit_notes_user_id_invoice_id FOREIGN KEY(user_id, invoice_id) REFERENCES invoices (user_id, id) ON DELETE NO ACTION,
    CONSTRAINT ck_credit_notes_amount CHECK (amount > 0),
    CONSTRAINT fk_credit_notes_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_credit_notes_user_id_invoice_id ON credit_notes (user_id, invoice_id);

CREATE TABLE discounts (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    code TEXT,
    description TEXT DEFAULT ''::text NOT NULL,
    kind TEXT NOT NULL,
    value NUMERIC(14, 3) NOT NULL,
    currency CHAR(3) DEFAULT practitioner_currency() NOT NULL,
    invoice_id UUID,
    service_id UUID,
    program_id UUID,
    expires_at TIMESTAMP WITH TIME ZONE,
    max_uses INTEGER,
    uses INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_discounts PRIMARY KEY (id),
    CONSTRAINT uq_discounts_user_id_code UNIQUE (user_id, code),
    CONSTRAINT ck_discounts_kind CHECK (kind IN ('percent', 'amount')),
    CONSTRAINT fk_discounts_user_id_invoice_id FOREIGN KEY(user_id, invoice_id) REFERENCES invoices (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_discounts_user_id_service_id FOREIGN KEY(user_id, service_id) REFERENCES services (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_discounts_user_id_program_id FOREIGN KEY(user_id, program_id) REFERENCES programs (user_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_discounts_value CHECK (value > 0 AND (kind <> 'percent' OR value <= 100)),
    CONSTRAINT fk_discounts_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_discounts_user_id_invoice_id ON discounts (user_id, invoice_id);
CREATE INDEX ix_discounts_user_id_program_id ON discounts (user_id, program_id);
CREATE INDEX ix_discounts_user_id_service_id ON discounts (user_id, service_id);

CREATE TABLE payments (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    contact_id UUID,
    session_id UUID,
    program_id UUID,
    service_id UUID,
    amount NUMERIC(14, 3) NOT NULL,
    currency CHAR(3) DEFAULT 'USD'::bpchar NOT NULL,
    status TEXT NOT NULL,
    method TEXT,
    external_payment_id TEXT,
    paid_at TIMESTAMP WITH TIME ZONE,
    note TEXT,
    CONSTRAINT pk_payments PRIMARY KEY (id),
    CONSTRAINT uq_payments_user_id_id UNIQUE (user_id, id),
    CONSTRAINT uq_payments_external_payment_id UNIQUE (external_payment_id),
    CONSTRAINT fk_payments_user_id_contact_id FOREIGN KEY(user_id, contact_id) REFERENCES contacts (user_id, id) ON DELETE SET NULL (contact_id),
    CONSTRAINT fk_payments_user_id_session_id FOREIGN KEY(user_id, session_id) REFERENCES sessions (user_id, id) ON DELETE SET NULL (session_id),
    CONSTRAINT fk_payments_user_id_program_id FOREIGN KEY(user_id, program_id) REFERENCES programs (user_id, id) ON DELETE SET NULL (program_id),
    CONSTRAINT fk_payments_user_id_service_id FOREIGN KEY(user_id, service_id) REFERENCES services (user_id, id) ON DELETE SET NULL (service_id),
    CONSTRAINT ck_payments_status CHECK (status IN ('pending', 'paid', 'failed', 'refunded')),
    CONSTRAINT ck_payments_amount CHECK (amount > 0),
    CONSTRAINT fk_payments_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_payments_of_contact ON payments (user_id, contact_id, paid_at);
CREATE INDEX ix_payments_user_id_program_id ON payments (user_id, program_id);
CREATE INDEX ix_payments_user_id_service_id ON payments (user_id, service_id);
CREATE INDEX ix_payments_user_id_session_id ON payments (user_id, session_id);
CREATE INDEX ix_payments_when ON payments (user_id, paid_at);

CREATE TABLE payment_allocations (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    payment_id UUID NOT NULL,
    invoice_id UUID NOT NULL,
    amount NUMERIC(14, 3) NOT NULL,
    CONSTRAINT pk_payment_allocations PRIMARY KEY (id),
    CONSTRAINT uq_payment_allocations_user_id_payment_id_invoice_id UNIQUE (user_id, payment_id, invoice_id),
    CONSTRAINT fk_payment_allocations_user_id_payment_id FOREIGN KEY(user_id, payment_id) REFERENCES payments (user_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_payment_allocations_user_id_invoice_id FOREIGN KEY(user_id, invoice_id) REFERENCES invoices (user_id, id) ON DELETE NO ACTION,
    CONSTRAINT ck_payment_allocations_amount CHECK (amount > 0),
    CONSTRAINT fk_payment_allocations_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_payment_allocations_user_id_invoice_id ON payment_allocations (user_id, invoice_id);

CREATE TABLE refunds (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    payment_id UUID NOT NULL,
    amount NUMERIC(14, 3) NOT NULL,
    currency CHAR(3) DEFAULT practitioner_currency() NOT NULL,
    reason TEXT,
    external_refund_id TEXT,
    refunded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_refunds PRIMARY KEY (id),
    CONSTRAINT uq_refunds_external_refund_id UNIQUE (external_refund_id),
    CONSTRAINT fk_refunds_user_id_payment_id FOREIGN KEY(user_id, payment_id) REFERENCES payments (user_id, id) ON DELETE NO ACTION,
    CONSTRAINT ck_refunds_amount CHECK (amount > 0),
    CONSTRAINT fk_refunds_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_refunds_user_id_payment_id ON refunds (user_id, payment_id);

CREATE TABLE disputes (
    user_id UUID DEFAULT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    id UUID NOT NULL,
    payment_id UUID NOT NULL,
    amount NUMERIC(14, 3) NOT NULL,
    currency CHAR(3) DEFAULT practitioner_currency() NOT NULL,
    status TEXT DEFAULT 'open'::text NOT NULL,
    reason TEXT,
    external_dispute_id TEXT,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_disputes PRIMARY KEY (id),
    CONSTRAINT uq_disputes_external_dispute_id UNIQUE (external_dispute_id),
    CONSTRAINT fk_disputes_user_id_payment_id FOREIGN KEY(user_id, payment_id) REFERENCES payments (user_id, id) ON DELETE NO ACTION,
    CONSTRAINT ck_disputes_status CHECK (status IN ('open', 'won', 'lost')),
    CONSTRAINT fk_disputes_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_disputes_user_id_payment_id ON disputes (user_id, payment_id);
