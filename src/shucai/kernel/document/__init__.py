"""单据 document: header, lines, numbering, relations and the one writer of them all."""
