"""文件登记 file rows: whose file it is, what it belongs to, and which content it has."""

from django.db import models


class StoredFile(models.Model):
    """文件 a name for a content. Attachments name their document by id: documents lie above.

    `unit_path` and `office` of an attachment are those of its document (database trigger). A
    file of a draft without a document yet, and a produced file, is its owner's alone. A public
    one belongs to what `draft` names, whose room says who may fetch it.
    """

    PURPOSES = (("attachment", "附件"), ("draft", "草稿附件"), ("product", "导出文件"),
                ("public", "公开附件"))  # fmt: skip

    name = models.CharField("文件名", max_length=150)
    content_type = models.CharField("类型", max_length=100)
    size = models.BigIntegerField("大小")
    sha256 = models.CharField(max_length=64)
    purpose = models.CharField("用途", max_length=10, choices=PURPOSES)
    category = models.CharField("材料类别", max_length=40, blank=True, default="")
    header_id = models.BigIntegerField(null=True)
    draft = models.CharField(max_length=80, blank=True, default="")
    is_late = models.BooleanField("送审后补充", default=False)
    is_scanned = models.BooleanField("已查毒", default=False)
    unit_path = models.CharField(max_length=120, db_collation="C")
    office = models.CharField(max_length=20, blank=True, default="")
    owner_id = models.BigIntegerField("上传人")
    owner_name = models.CharField("上传人", max_length=40)
    created_at = models.DateTimeField("上传时间")
    expires_at = models.DateTimeField("保留到", null=True)
    removed_at = models.DateTimeField("移除时间", null=True)
    removed_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "files_file"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose="attachment", header_id__isnull=False)
                | ~models.Q(purpose="attachment") & models.Q(header_id__isnull=True),
                name="files_file_place",
            )
        ]
        indexes = [
            models.Index(fields=["header_id", "id"], name="files_file_header"),
            models.Index(fields=["owner_id", "draft"], name="files_file_draft"),
            models.Index(fields=["sha256"], name="files_file_content"),
        ]
