"""控制 control: rules, findings, reasons, allowlists."""
