from django.db import migrations

FORWARD = """
INSERT INTO masterdata_masterdataversion (id, version) VALUES (1, gen_random_uuid());

CREATE FUNCTION masterdata_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE masterdata_masterdataversion SET version = gen_random_uuid() WHERE id = 1;
  RETURN NULL;
END $$;
"""
for table in ("value", "valueset", "elementrelation", "elementlevel", "coderule", "codemapping"):
    FORWARD += f"""
CREATE TRIGGER masterdata_{table}_changed AFTER INSERT OR UPDATE OR DELETE ON masterdata_{table}
  FOR EACH STATEMENT EXECUTE FUNCTION masterdata_changed();
"""
FORWARD += """
REVOKE DELETE, TRUNCATE ON masterdata_value, masterdata_valueset, masterdata_unit,
  masterdata_division FROM shucai_app;
REVOKE UPDATE, DELETE, TRUNCATE ON masterdata_unitsuccession FROM shucai_app;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON masterdata_masterdataversion FROM shucai_app;
"""


class Migration(migrations.Migration):
    dependencies = [("masterdata", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
