"""单据类型 document types of the domain, one file each; found by being here."""
