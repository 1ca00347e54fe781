-- A row for each table of the database, as far as that goes: what a constraint or a partition refuses stays empty.
-- Values of one type are the same everywhere, so that foreign keys find what they refer to.
SET session_replication_role = replica;
DO $fill$
DECLARE
    relation record;
    deleted bigint;
    here bigint;
BEGIN
    FOR relation IN
        SELECT c.oid::regclass AS name,
               string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS columns,
               string_agg(CASE
                   WHEN base.typtype = 'e' THEN quote_nullable((SELECT enumlabel FROM pg_enum WHERE enumtypid = base.oid ORDER BY enumsortorder LIMIT 1))
                   WHEN base.typname IN ('int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'oid', 'money') THEN '1'
                   WHEN base.typname IN ('text', 'varchar', 'bpchar', 'name', 'citext') THEN quote_literal('1')
                   WHEN base.typname = 'bool' THEN 'true'
                   WHEN base.typname IN ('date', 'timestamp', 'timestamptz') THEN quote_literal('2024-01-01')
                   WHEN base.typname IN ('time', 'timetz') THEN quote_literal('10:00')
                   WHEN base.typname = 'interval' THEN quote_literal('1 day')
                   WHEN base.typname = 'uuid' THEN quote_literal('00000000-0000-4000-8000-000000000001')
                   WHEN base.typname IN ('json', 'jsonb') THEN quote_literal('{"n": 1}')
                   WHEN base.typname = 'bytea' THEN quote_literal('\x01')
                   WHEN base.typname IN ('inet', 'cidr') THEN quote_literal('10.0.0.1')
                   WHEN base.typcategory = 'A' THEN quote_literal('{}')
                   WHEN base.typcategory = 'R' THEN quote_literal('empty')
                   ELSE 'NULL'
               END, ', ' ORDER BY attnum) AS values
        FROM pg_class c
        JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        JOIN pg_type t ON t.oid = atttypid
        JOIN pg_type base ON base.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
        GROUP BY c.oid
    LOOP
        BEGIN
            EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)', relation.name, relation.columns, relation.values);
        EXCEPTION WHEN OTHERS THEN
            NULL;
        END;
    END LOOP;
    -- What refers to rows that were refused goes too, and what refers to that.
    FOR round IN 1..20 LOOP
        deleted := 0;
        FOR relation IN
            SELECT f.conrelid::regclass AS name, f.confrelid::regclass AS target,
                   string_agg(format('r.%I = f.%I', r.attname, a.attname), ' AND ') AS same,
                   string_agg(format('f.%I IS NOT NULL', a.attname), ' AND ') AS given
            FROM pg_constraint f
            CROSS JOIN LATERAL unnest(f.conkey, f.confkey) AS k (own, other)
            JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.own
            JOIN pg_attribute r ON r.attrelid = f.confrelid AND r.attnum = k.other
            WHERE f.contype = 'f' AND f.conparentid = 0
            GROUP BY f.oid
        LOOP
            EXECUTE format('DELETE FROM %s f WHERE %s AND NOT EXISTS (SELECT FROM %s r WHERE %s)',
                relation.name, relation.given, relation.target, relation.same);
            GET DIAGNOSTICS here = ROW_COUNT;
            deleted := deleted + here;
        END LOOP;
        EXIT WHEN deleted = 0;
    END LOOP;
END
$fill$;
SET session_replication_role = origin;
