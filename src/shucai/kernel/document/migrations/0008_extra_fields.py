"""扩展栏目: what a published form layout adds to a document; shown, never reckoned with."""

from django.db import migrations, models

FORWARD = """
ALTER TABLE document_header ADD CONSTRAINT document_header_extra
  CHECK (jsonb_typeof(extra) = 'object' AND octet_length(extra::text) <= 20000);
GRANT UPDATE (extra) ON document_header TO shucai_app;
CREATE FUNCTION document_extra_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'document % is under way and can not be edited', OLD.id USING ERRCODE = 'SC001';
END $$;
CREATE TRIGGER document_extra_guard BEFORE UPDATE OF extra ON document_header
  FOR EACH ROW WHEN (NOT OLD.is_editable AND OLD.extra IS DISTINCT FROM NEW.extra)
  EXECUTE FUNCTION document_extra_guard();
"""
REVERSE = """
DROP TRIGGER document_extra_guard ON document_header;
DROP FUNCTION document_extra_guard();
REVOKE UPDATE (extra) ON document_header FROM shucai_app;
ALTER TABLE document_header DROP CONSTRAINT document_header_extra;
"""


class Migration(migrations.Migration):
    dependencies = [("document", "0007_settings")]

    operations = [
        migrations.AddField(
            model_name="header",
            name="extra",
            field=models.JSONField(
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                verbose_name="扩展栏目",
            ),
        ),
        migrations.RunSQL(FORWARD, REVERSE),
    ]
