"""接口 API: REST over the registry under /api/v1/, described by a generated OpenAPI 3.1."""
