"""单据表单 document form: what is typed, shown and printed, for every type alike."""
