-- "Find anything": the tenant is looked at before likeness is worked out, and the newest entries are walked through only for
-- words that they are likely to hold.
select show_limit();  -- loads pg_trgm, so that its setting is known
create or replace function find_anything(query text, kinds text[] default null, at_most integer default 20)
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
    alike numeric;
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

        -- nearly the name: only where the words themselves found few, and what is less like it only where that finds few
        foreach alike in array array[0.6, 0.4] loop
            exit when cardinality(hits) >= least(most, 5) or length(asked) < 3;
            perform set_config('pg_trgm.word_similarity_threshold', alike::text, true);
            select array_agg(row (kind, entity_id, contact_id, title, text, occurred_at, rank)::public.found) into more
            from (
                select e.*, word_similarity(asked, e.folded_title) * 0.7 as rank from public.search_entries e
                 where (e.user_id = tenant) is true and asked <% e.folded_title and e.kind = 'contact'
                   and not exists (select from unnest(hits) h where h.entity_id = e.entity_id)
                 order by rank desc, folded_title limit most - cardinality(hits)) as e;
            hits := hits || coalesce(more, '{}');
        end loop;
    end if;

    -- everything else, newest first: common words meet among the newest entries, rarer ones in the index
    if others_wanted and length(asked) > 1 then
        -- the words that few of the newest entries hold: the index is asked for these, and the others are looked up in
        -- what it finds, because collecting every entry with a common beginning is what takes long
        select string_agg(public.sought(word)::text, ' & ')::tsquery into rare_words from unnest(words) as word
         where (select count(*) from (
                    select e.document from public.search_entries e
                     where e.user_id = tenant and e.kind <> 'contact' order by e.occurred_at desc limit 100) as e
                 where e.document @@ public.sought(word)) < 5;
        if rare_words is null then
            select array_agg(row (kind, entity_id, contact_id, title, text, occurred_at, 0.5)::public.found) into more
            from (
                select * from (
                    select * from public.search_entries e
                     where e.user_id = tenant and e.kind <> 'contact' order by e.occurred_at desc limit 1000) as e
                 where (kinds is null or e.kind = any (kinds)) and e.document @@ all_words
                 order by e.occurred_at desc limit most) as e;
        end if;
        if rare_words is not null or coalesce(cardinality(more), 0) < most then
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
           public.excerpt(h.snippet, words),
           h.occurred_at, h.rank
      from unnest(hits) with ordinality as h (kind, entity_id, contact_id, title, snippet, occurred_at, rank, at)
     order by h.at;
end
$$;
