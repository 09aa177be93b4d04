"""大批造数 bulk loading: millions of headers and records by SQL, as the administrator.

Only for lists: such documents have no lines, no steps and no postings.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import psycopg
from psycopg import sql

from shucai.edge.bench import synthetic
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.masterdata.models import Unit

CHUNK: Final = 100_000
AMOUNTS: Final = 1_000_003  # a prime: amounts are spread evenly and hardly repeat

HEADERS: Final = """
INSERT INTO document_header (type, number, fiscal_year, division, unit_id, unit_path, office, state,
  node, version, is_editable, is_hung, amount, summary, business_date, maker_id, maker_name,
  created_at, updated_at, submitted_at)
SELECT %(type)s, 'BENCH' || g, %(year)s, %(division)s, u.id, u.path, '', s.state,
       0, 1, false, false, (g * 7919 %% %(amounts)s::bigint + 1) / 100.0,
       '办公用品采购第' || g || '批',
       %(day)s, 1, '性能测量', %(now)s, %(now)s, %(now)s
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS g
  JOIN unnest(%(units)s::bigint[], %(paths)s::text[]) WITH ORDINALITY AS u(id, path, n)
    ON u.n = g %% %(unit_count)s::bigint + 1
  JOIN unnest(%(states)s::text[]) WITH ORDINALITY AS s(state, n)
    ON s.n = g / %(unit_count)s::bigint %% %(state_count)s::bigint + 1
 ORDER BY g
"""


def amount_at_depth(depth: float) -> Decimal:
    """The amount that this share of the documents lies above."""
    return Decimal(round(AMOUNTS * (1 - depth))) / 100


def load(
    admin: psycopg.Connection[Any],
    kind: DocumentType,
    units: Sequence[Unit],
    *,
    first: int,
    last: int,
) -> None:
    """Numbers `first` to `last`; states and units take turns. Statistics are fresh afterwards."""
    place = {
        "type": kind.code,
        "year": synthetic.YEAR,
        "division": synthetic.DIVISION,
        "amounts": AMOUNTS,
        "day": synthetic.DAY,
        "now": synthetic.NOW,
        "units": [unit.pk for unit in units],
        "paths": [unit.path for unit in units],
        "unit_count": len(units),
        "states": list(kind.states.values),
        "state_count": len(kind.states.values),
    }
    records = _records(kind)
    for start in range(first, last + 1, CHUNK):
        end = min(start + CHUNK - 1, last)
        with admin.transaction():
            before = admin.execute("SELECT coalesce(max(id), 0) FROM document_header").fetchone()
            admin.execute(HEADERS, {**place, "first": start, "last": end})
            admin.execute(records, before)
    for table in ("document_header", kind.model._meta.db_table):
        admin.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))


def _records(kind: DocumentType) -> sql.Composed:
    """The typed record of each header just made, all alike."""
    known = {f.attname: f.column for f in kind.fields()}
    filled = synthetic.values(kind.fields())
    columns = [sql.Identifier(str(known[name])) for name in filled]
    contents = [sql.Literal(value) for value in filled.values()]
    return sql.SQL(
        "INSERT INTO {} (header_id, unit_path, office, {}) SELECT id, unit_path, office, {}"
        " FROM document_header WHERE id > %s"
    ).format(
        sql.Identifier(kind.model._meta.db_table),
        sql.SQL(", ").join(columns),
        sql.SQL(", ").join(contents),
    )
