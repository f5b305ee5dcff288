-- The words around the first hit, on one line, whole words only: ts_headline let the first word of a text go missing.
-- `words` are folded, so they are letters and digits alone. No hit: the beginning of the text.
create function excerpt(said text, words text[]) returns text language plpgsql stable parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
declare
    flat constant text := btrim(regexp_replace(left(said, 5000), '\s+', ' ', 'g'));
    plain constant text := lower(public.unaccent('public.unaccent'::regdictionary, flat));
    hit constant integer := greatest(regexp_instr(plain, '\m(' || array_to_string(words, '|') || ')'), 1);
    starts integer := 1;
    gap integer;
    piece text;
begin
    if hit > 60 then
        starts := hit - 40;
        gap := position(' ' in substr(flat, starts, 40));
        starts := starts + gap;
    end if;
    piece := substr(flat, starts, 140);
    if starts + 140 <= length(flat) then
        piece := regexp_replace(piece, '\s\S*$', '') || ' …';
    end if;
    return case when starts > 1 then '… ' else '' end || piece;
end
$$;
revoke all on function excerpt(text, text[]) from public;
