"""单据表单 document form: what is typed, what is shown and what is printed, for every type alike."""
