-- The payload of an event as JSON. Columns keep its exact bytes, because the hash chain is over them.
CREATE FUNCTION payload_json(payload bytea) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN convert_from(payload, 'UTF8')::jsonb;
