-- What may be asked before a practitioner is known: by hash or exact key, ids out. The functions run as the tables'
-- owner, who is under row-level security too: the `lookup` policies let that role, and no other, read these tables.

create policy lookup on users for select to current_user using (true);
create policy lookup on user_identities for select to current_user using (true);
create policy lookup on login_sessions for select to current_user using (true);
create policy lookup on share_links for select to current_user using (true);
create policy lookup on oauth_connections for select to current_user using (true);
create policy lookup on source_items for select to current_user using (true);
create policy lookup on pending_approvals for select to current_user using (true);
create policy lookup on outbox_messages for select to current_user using (true);
create policy lookup on session_reminders for select to current_user using (true);
create policy lookup on webhook_events for all to current_user using (true) with check (true);

-- The hash is NULL for somebody who signs in with Google only.
create function find_login(login_email text) returns table (user_id uuid, password_hash text)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$ select u.id, u.password_hash from public.users u where lower(u.email) = lower(btrim(login_email)) $$;

-- Revoked ones are not found; whether it has expired is told by the caller's clock.
create function find_login_session(hash text)
returns table (id uuid, user_id uuid, expires_at timestamptz, last_seen_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select s.id, s.user_id, s.expires_at, s.last_seen_at from public.login_sessions s
     where s.token_hash = hash and s.revoked_at is null
$$;

create function find_identity(identity_provider text, identity_subject text) returns uuid
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select i.user_id from public.user_identities i
     where i.provider = identity_provider and i.subject = identity_subject
$$;

create function find_share_link(hash text) returns table (id uuid, user_id uuid)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$ select l.id, l.user_id from public.share_links l where l.token_hash = hash $$;

create function webhook_owner(account text) returns uuid
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select c.user_id from public.oauth_connections c where c.provider = 'stripe' and c.external_account_id = account
$$;

-- Stores an event once; false: it is known already. The owner may follow later (`adopt_webhook`).
create function record_webhook(
    event_id uuid, event_provider text, event_external_id text, event_type text, event_payload jsonb, owner uuid
) returns boolean
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    insert into public.webhook_events (id, user_id, provider, external_id, type, payload)
    values (event_id, owner, event_provider, event_external_id, event_type, event_payload)
    on conflict (provider, external_id) do nothing;
    return found;
end
$$;

create function adopt_webhook(event_id uuid, owner uuid) returns boolean
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    update public.webhook_events set user_id = owner where id = event_id and user_id is null;
    return found;
end
$$;

-- Whose turn it is at `moment`, for the jobs role alone. `id` is the connection, message, approval or reminder;
-- NULL where the work is the practitioner's as a whole.
create function due_work(work text, moment timestamptz, at_most integer default 500)
returns table (user_id uuid, id uuid)
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    case work
    when 'sync_mail', 'sync_calendar' then
        return query
        select c.user_id, c.id from public.oauth_connections c
         where c.status = 'active' and (c.next_sync_at is null or c.next_sync_at <= moment)
           and c.provider = case work when 'sync_mail' then 'google_gmail' else 'google_calendar' end
         order by c.next_sync_at nulls first limit at_most;
    when 'outbox' then
        return query
        select m.user_id, m.id from public.outbox_messages m
         where m.status in ('waiting', 'claimed') and m.not_before <= moment
           and (m.status = 'waiting' or m.claimed_until <= moment)
         order by m.not_before limit at_most;
    when 'propose' then
        return query
        select distinct i.user_id, null::uuid from public.source_items i where i.processed_at is null limit at_most;
    when 'snooze' then
        return query
        select a.user_id, a.id from public.pending_approvals a
         where a.status = 'snoozed' and a.snoozed_until <= moment order by a.snoozed_until limit at_most;
    when 'expire' then
        return query
        select a.user_id, a.id from public.pending_approvals a
         where a.status = 'pending' and a.expires_at <= moment order by a.expires_at limit at_most;
    when 'reminders' then
        return query
        select r.user_id, r.id from public.session_reminders r
         where r.status = 'waiting' and r.due_at <= moment order by r.due_at limit at_most;
    when 'webhooks' then
        return query
        select e.user_id, e.id from public.webhook_events e
         where e.processed_at is null and e.user_id is not null order by e.received_at limit at_most;
    when 'housekeeping' then
        return query select u.id, null::uuid from public.users u order by u.id;
    else
        raise exception 'unknown kind of work: %', work using errcode = '22023';
    end case;
end
$$;

-- Attempts by `attempt_key` within the running window, this one included. The table is closed to everybody else.
create function count_attempt(attempt_key text, window_seconds integer, moment timestamptz) returns integer
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
    insert into public.rate_limits as r (key, window_started_at, attempts) values (attempt_key, moment, 1)
    on conflict (key) do update set
        window_started_at = case when r.window_started_at + window_seconds * interval '1 second' <= moment
                                 then moment else r.window_started_at end,
        attempts = case when r.window_started_at + window_seconds * interval '1 second' <= moment
                        then 1 else r.attempts + 1 end
    returning r.attempts
$$;

create function forget_attempts(attempt_key text) returns void
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$ delete from public.rate_limits where key = attempt_key $$;

create function prune_attempts(older_than timestamptz) returns void
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$ delete from public.rate_limits where window_started_at < older_than $$;
