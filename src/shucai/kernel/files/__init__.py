"""文件 files: attachments and produced files, kept by content outside the web root.

A file is what its content says it is, not what its name says; it is always handed out as a
download. Rows follow the data scope; contents are stored once per SHA-256.
"""
