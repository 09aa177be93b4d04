"""SQL of the workflow room: routes follow the releases of the configuration kind `route`.

The application writes no route. When what is in force changes, the database copies the release
into rows that documents point at, and marks the one that counts and the one on trial.
"""

ROUTES = """
CREATE FUNCTION workflow_route_of(p_release bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v configuration_release%ROWTYPE;
  v_route bigint;
BEGIN
  SELECT id INTO v_route FROM workflow_route WHERE configured = p_release;
  IF v_route IS NOT NULL THEN
    RETURN v_route;
  END IF;
  SELECT * INTO v FROM configuration_release WHERE id = p_release AND kind = 'route';
  IF v.id IS NULL THEN
    RETURN NULL;
  END IF;
  INSERT INTO workflow_route (document_type, action, division, fiscal_year, release, is_published,
    trial_paths, configured, name)
  VALUES (split_part(v.key, ':', 1), split_part(v.key, ':', 2), v.division, v.fiscal_year,
    v.number, false, '{}', v.id, left(v.note, 80)) RETURNING id INTO v_route;
  INSERT INTO workflow_routenode (route_id, seq, name, duties, mode, condition, amount_from,
    amount_to, hours, may_hand_over, may_add_signer)
  SELECT v_route, n.place, n.node ->> 'name',
    ARRAY(SELECT jsonb_array_elements_text(n.node -> 'duties')), n.node ->> 'mode',
    coalesce(n.node ->> 'condition', ''), nullif(n.node ->> 'amount_from', '')::numeric,
    nullif(n.node ->> 'amount_to', '')::numeric, coalesce((n.node ->> 'hours')::integer, 0),
    coalesce((n.node ->> 'may_hand_over')::boolean, true),
    coalesce((n.node ->> 'may_add_signer')::boolean, true)
  FROM jsonb_array_elements(v.body::jsonb -> 'nodes') WITH ORDINALITY AS n (node, place);
  RETURN v_route;
END $$;
REVOKE EXECUTE ON FUNCTION workflow_route_of(bigint) FROM PUBLIC;

CREATE FUNCTION workflow_route_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_published bigint := workflow_route_of(NEW.published_id);
  v_trial bigint := workflow_route_of(NEW.trial_id);
BEGIN
  UPDATE workflow_route r SET
    is_published = r.id IS NOT DISTINCT FROM v_published,
    trial_paths = CASE WHEN r.id = v_trial THEN NEW.trial_paths ELSE '{}' END
  WHERE (r.document_type, r.action) = (split_part(NEW.key, ':', 1), split_part(NEW.key, ':', 2))
    AND (r.division, r.fiscal_year) = (NEW.division, NEW.fiscal_year)
    AND (r.is_published OR r.trial_paths <> '{}' OR r.id IN (v_published, v_trial));
  RETURN NULL;
END $$;
CREATE TRIGGER workflow_route_follows AFTER INSERT OR UPDATE ON configuration_inforce
  FOR EACH ROW WHEN (NEW.kind = 'route') EXECUTE FUNCTION workflow_route_follows();

REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON workflow_route, workflow_routenode FROM shucai_app;
"""
ROUTES_REVERSE = """
GRANT INSERT, UPDATE, DELETE ON workflow_route, workflow_routenode TO shucai_app;
DROP TRIGGER workflow_route_follows ON configuration_inforce;
DROP FUNCTION workflow_route_follows();
DROP FUNCTION workflow_route_of(bigint);
"""
