"""网页 web: one generic engine that shows whatever is declared; views thin, templates lean."""
