-- updated_at, version and the audit log: one trigger function each, for every table.

-- Arguments: none for a table without a version; else the columns whose change is no edit, and the generated columns
-- (not yet computed in a BEFORE trigger), both as array literals.
create function touch() returns trigger language plpgsql
set search_path = pg_catalog
as $$
declare
    was jsonb;
    becomes jsonb;
begin
    if tg_nargs = 0 then
        new.updated_at := case when new is distinct from old then now() else old.updated_at end;
        return new;
    end if;
    new.updated_at := old.updated_at;
    new.version := old.version;
    was := to_jsonb(old) - tg_argv[1]::text[];
    becomes := to_jsonb(new) - tg_argv[1]::text[];
    if becomes is distinct from was then
        new.updated_at := now();
        if becomes - tg_argv[0]::text[] is distinct from was - tg_argv[0]::text[] then
            new.version := old.version + 1;
        end if;
    end if;
    return new;
end
$$;

-- Argument: the columns that are left out (secrets, mail text, quotes, what machines keep). A change of nothing else is
-- no entry. An insert keeps what is set, an update what changed, a delete what was there.
create function write_history() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    hidden constant text[] := tg_argv[0]::text[] || '{user_id,created_at,updated_at,version}';
    row_now constant jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
    owner constant uuid := coalesce(row_now ->> 'user_id', row_now ->> 'id')::uuid;
    was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - hidden end;
    becomes jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - hidden end;
begin
    if tg_op = 'UPDATE' then
        select jsonb_object_agg(key, was -> key), jsonb_object_agg(key, becomes -> key)
          into was, becomes
          from jsonb_object_keys(row_now - hidden) as key
         where was -> key is distinct from becomes -> key;
        if becomes is null then
            return null;
        end if;
    elsif tg_op = 'DELETE' and not exists (select from public.users where id = owner) then
        return null;  -- the whole account goes, its history with it
    end if;
    insert into public.audit_log (id, user_id, actor, action, entity, entity_id, before, after, reason)
    values (
        public.time_uuid(),
        owner,
        coalesce(nullif(current_setting('app.actor', true), ''), 'system'),
        lower(tg_op),
        tg_table_name,
        coalesce(row_now ->> 'id', row_now ->> 'session_id', row_now ->> 'contact_id')::uuid,
        jsonb_strip_nulls(was),
        case when tg_op = 'INSERT' then jsonb_strip_nulls(becomes) else becomes end,
        nullif(current_setting('app.reason', true), '')
    );
    return null;
end
$$;

-- Erasure: what the history tells of these rows goes, that something happened stays. Answers the number of entries.
-- `needles` are addresses or names that entries of other rows may still hold.
create function redact_audit(entities uuid[], needles text[] default '{}') returns integer
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    tenant constant uuid := nullif(current_setting('app.user_id', true), '')::uuid;
    redacted integer;
begin
    update public.audit_log
       set before = case when before is not null then '{"redacted": true}'::jsonb end,
           after = case when after is not null then '{"redacted": true}'::jsonb end
     where user_id = tenant
       and (entity_id = any (entities)
            or (coalesce(before, after) ->> 'contact_id')::uuid = any (entities)
            or exists (
                select from unnest(needles) as needle
                 where needle <> '' and strpos(lower(concat(before, after)), lower(needle)) > 0));
    get diagnostics redacted = row_count;
    return redacted;
end
$$;
