-- "Find anything". Row-level security would switch off trigram and full-text indexes (their operators are not
-- leakproof), so nobody but the owner may touch `search_entries`, and one function filters by tenant itself.

alter table search_entries enable row level security;  -- not forced: the owner's functions below are the only way in

create function fold(value text) returns text language sql stable parallel safe
as $$
    select btrim(regexp_replace(lower(public.unaccent('public.unaccent'::regdictionary, value)), '[^[:alnum:]]+', ' ', 'g'))
$$;

-- A word that folding cannot produce: it narrows an index scan to one tenant.
create function owner_word(tenant uuid) returns text language sql immutable parallel safe as $$ select '=' || tenant $$;

-- One word as it is looked for: those of three letters and more are beginnings.
create function sought(word text) returns tsquery language sql immutable parallel safe
as $$ select (quote_literal(word) || case when length(word) > 2 then ':*' else '' end)::tsquery $$;

-- Arguments: kind, columns of the title, columns of the text, column of the time (array literals but the first, last).
create function keep_search() returns trigger language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
declare
    row_now jsonb;
    folded text;
    new_title text;
    new_text text;
begin
    if tg_op = 'DELETE' then
        delete from public.search_entries where user_id = old.user_id and kind = tg_argv[0] and entity_id = old.id;
        return null;
    end if;
    row_now := to_jsonb(new);
    select coalesce(string_agg(row_now ->> name, ' ' order by at), '') into new_title
      from unnest(tg_argv[1]::text[]) with ordinality as part (name, at);
    select coalesce(left(string_agg(part.said, E'\n' order by at), 50000), '') into new_text
      from (select at, case jsonb_typeof(row_now -> name)
                       when 'array' then (select string_agg(item, ' ') from jsonb_array_elements_text(row_now -> name) item)
                       else row_now ->> name end as said
              from unnest(tg_argv[2]::text[]) with ordinality as part (name, at)) as part;
    folded := public.fold(new_title);
    insert into public.search_entries as entry
        (user_id, kind, entity_id, contact_id, title, text, occurred_at, folded_title, document)
    values (
        new.user_id, tg_argv[0], new.id,
        case when tg_argv[0] = 'contact' then new.id else (row_now ->> 'contact_id')::uuid end,
        new_title, new_text, coalesce((row_now ->> tg_argv[3])::timestamptz, new.created_at), folded,
        setweight(to_tsvector('pg_catalog.simple', folded), 'A')
            || setweight(to_tsvector('pg_catalog.simple', public.fold(new_text)), 'B')
            || array_to_tsvector(array[public.owner_word(new.user_id)])
    )
    on conflict (user_id, kind, entity_id) do update set
        contact_id = excluded.contact_id, title = excluded.title, text = excluded.text,
        occurred_at = excluded.occurred_at, folded_title = excluded.folded_title, document = excluded.document
    where (entry.contact_id, entry.title, entry.text, entry.occurred_at)
          is distinct from (excluded.contact_id, excluded.title, excluded.text, excluded.occurred_at);
    return null;
end
$$;

select show_limit();  -- loads pg_trgm, so that its setting is known below

create type found as (
    kind text, entity_id uuid, contact_id uuid, title text, snippet text, occurred_at timestamptz, rank real
);

-- The practitioner's own entries that hold every word of `query` (words of three letters and more count as
-- beginnings), contacts first, then the newest; contacts also by a name that is nearly it. `kinds` NULL: all.
-- At most `at_most` contacts and as many of everything else.
create function find_anything(query text, kinds text[] default null, at_most integer default 20)
returns setof found
language plpgsql stable security definer
set search_path = pg_catalog, public, pg_temp
set pg_trgm.word_similarity_threshold = 0.4
set jit = off
set enable_seqscan = off
as $$
declare
    tenant constant uuid := nullif(current_setting('app.user_id', true), '')::uuid;
    asked constant text := public.fold(left(query, 200));
    most constant integer := least(greatest(at_most, 1), 100);
    others_wanted constant boolean := kinds is null or kinds <> array['contact'];
    words constant text[] := (regexp_split_to_array(asked, ' '))[1:8];
    owned constant tsquery := quote_literal(public.owner_word(tenant))::tsquery;
    all_words tsquery;
    rare_words tsquery;
    hits public.found[] := '{}';
    more public.found[];
begin
    if tenant is null or asked = '' then
        return;
    end if;

    if kinds is null or 'contact' = any (kinds) then
        select array_agg(row (kind, entity_id, contact_id, title, text, occurred_at, 1)::public.found) into hits from (
            select * from public.search_entries e
             where e.user_id = tenant and e.kind = 'contact' and e.folded_title like asked || '%'
             order by e.folded_title limit most) as e;
        hits := coalesce(hits, '{}');
    end if;

    select string_agg(public.sought(word)::text, ' & ')::tsquery into all_words from unnest(words) as word;

    -- further contacts that hold the words anywhere: surname, company, tag, address
    if length(asked) > 1 and cardinality(hits) < most and (kinds is null or 'contact' = any (kinds)) then
        select array_agg(row (kind, entity_id, contact_id, title, text, occurred_at, rank)::public.found) into more
        from (
            select e.*, case when e.in_title then 0.9 else 0.8 end as rank from (
                select e.*, public.fold(e.title) ~ ('(^| )' || asked) as in_title from public.search_entries e
                 where e.document @@ (owned && all_words) and e.kind = 'contact' and (e.user_id = tenant) is true
                 limit 300) as e
             where not exists (select from unnest(hits) h where h.entity_id = e.entity_id)
             order by rank desc, folded_title limit most - cardinality(hits)) as e;
        hits := hits || coalesce(more, '{}');

        -- nearly the name: only where the words themselves found few
        if cardinality(hits) < least(most, 5) and length(asked) > 2 then
            select array_agg(row (kind, entity_id, contact_id, title, text, occurred_at, rank)::public.found) into more
            from (
                select e.*, word_similarity(asked, e.folded_title) * 0.7 as rank from public.search_entries e
                 where asked <% e.folded_title and e.kind = 'contact' and (e.user_id = tenant) is true
                   and not exists (select from unnest(hits) h where h.entity_id = e.entity_id)
                 order by rank desc, folded_title limit most - cardinality(hits)) as e;
            hits := hits || coalesce(more, '{}');
        end if;
    end if;

    -- everything else, newest first: common words meet among the newest entries, rarer ones in the index
    if others_wanted and length(asked) > 1 then
        select array_agg(row (kind, entity_id, contact_id, title, text, occurred_at, 0.5)::public.found) into more from (
            select * from (
                select * from public.search_entries e
                 where e.user_id = tenant and e.kind <> 'contact' order by e.occurred_at desc limit 1000) as e
             where (kinds is null or e.kind = any (kinds)) and e.document @@ all_words
             order by e.occurred_at desc limit most) as e;
        if coalesce(cardinality(more), 0) < most then
            -- the index is asked for the words that few of the newest entries hold; the others are looked up in what
            -- it finds, because collecting every entry with a common beginning is what takes long
            select string_agg(public.sought(word)::text, ' & ')::tsquery into rare_words from unnest(words) as word
             where (select count(*) from (
                        select e.document from public.search_entries e
                         where e.user_id = tenant and e.kind <> 'contact' order by e.occurred_at desc limit 300) as e
                     where e.document @@ public.sought(word)) < 15;
            select array_agg(row (kind, entity_id, contact_id, title, text, occurred_at, 0.5)::public.found) into more
            from (
                select * from public.search_entries e
                 where e.document @@ (owned && coalesce(rare_words, all_words)) and e.kind <> 'contact'
                   and (e.document @@ all_words and e.user_id = tenant and (kinds is null or e.kind = any (kinds))) is true
                 order by e.occurred_at desc limit most) as e;
        end if;
        hits := hits || coalesce(more, '{}');
    end if;

    return query
    select h.kind, h.entity_id, h.contact_id, h.title,
           ts_headline('pg_catalog.simple', left(h.snippet, 5000), all_words,
                       'StartSel="", StopSel="", MaxWords=18, MinWords=8, MaxFragments=1, FragmentDelimiter=" … "'),
           h.occurred_at, h.rank
      from unnest(hits) with ordinality as h (kind, entity_id, contact_id, title, snippet, occurred_at, rank, at)
     order by h.at;
end
$$;

create trigger keep_search after insert or delete or update of first_name, last_name, email, phone, company, job_title,
    tags, notes, address_city on contacts
for each row execute function
    keep_search('contact', '{display_name}', '{email,phone,company,job_title,tags,notes,address_city}', 'created_at');
create trigger keep_search after insert or delete or update of title, content, contact_id, created_at on notes
for each row execute function keep_search('note', '{title}', '{content}', 'created_at');
create trigger keep_search after insert or delete or update of title, notes, location, contact_id, scheduled_at on sessions
for each row execute function keep_search('session', '{title}', '{notes,location}', 'scheduled_at');
create trigger keep_search after insert or delete or update of title, description, contact_id, due_date on tasks
for each row execute function keep_search('task', '{title}', '{description}', 'due_date');
create trigger keep_mail_search_on_insert after insert on source_items
for each row when (new.kind = 'mail')
execute function keep_search('mail', '{subject}', '{sender_name,sender,body_text}', 'occurred_at');
create trigger keep_mail_search_on_update after update of subject, sender_name, sender, body_text, contact_id, occurred_at
on source_items for each row when (new.kind = 'mail')
execute function keep_search('mail', '{subject}', '{sender_name,sender,body_text}', 'occurred_at');
create trigger keep_mail_search_on_delete after delete on source_items
for each row when (old.kind = 'mail')
execute function keep_search('mail', '{subject}', '{sender_name,sender,body_text}', 'occurred_at');
create trigger keep_search after insert or delete or update of name, description on services
for each row execute function keep_search('service', '{name}', '{description}', 'created_at');
create trigger keep_search after insert or delete or update of name, description on programs
for each row execute function keep_search('program', '{name}', '{description}', 'created_at');
create trigger keep_search after insert or delete or update of name, description on groups
for each row execute function keep_search('group', '{name}', '{description}', 'created_at');
create trigger keep_search after insert or delete or update of name on projects
for each row execute function keep_search('project', '{name}', '{}', 'created_at');
create trigger keep_search after insert or delete or update of title, description, tags on resources
for each row execute function keep_search('resource', '{title}', '{description,tags}', 'created_at');
create trigger keep_search after insert or delete or update of number, notes, contact_id on invoices
for each row execute function keep_search('invoice', '{number}', '{notes}', 'created_at');
create trigger keep_search after insert or delete or update of subject, body_preview, contact_id on communications
for each row execute function keep_search('communication', '{subject}', '{body_preview}', 'created_at');
