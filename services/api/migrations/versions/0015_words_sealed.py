"""Whom a posting names as its contact and why one comes first among equals are sealed; no opinion lies beside a finding.
Integrators are given to an organisation.

Where such words are there already, this step needs VAULT_KEYS to seal them, and says so.

Revision: 0015, after 0014
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from alembic import op
from mangping.vault import Keys

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_SEALED = (("recommendations", "reason", "application_id", True), ("postings", "contact", "id", False))


def upgrade() -> None:
    for table, column, key, nullable in _SEALED:
        op.add_column(table, sa.Column("sealed", sa.LargeBinary()), schema="review")
        _fill(table, key, f"select {key}, {column} from review.{table} where {column} is not null", column)
        op.drop_column(table, column, schema="review")
        op.alter_column(table, "sealed", new_column_name=column, nullable=nullable, schema="review")
    _roles("'administrator', 'office', 'authority', 'unit', 'integrator', 'expert'")
    op.execute(
        "update review.integrity_entries set looked_back = (select coalesce(jsonb_agg(one - 'opinion' order by place), '[]')"
        " from jsonb_array_elements(looked_back) with ordinality as held (one, place))"
        " where jsonb_path_exists(looked_back, '$[*].opinion')"
    )


def downgrade() -> None:
    op.execute("delete from review.role_grants where role = 'integrator'")
    _roles("'administrator', 'office', 'authority', 'unit', 'expert'")
    for table, column, key, nullable in _SEALED:
        op.add_column(table, sa.Column("clear", sa.Text()), schema="review")
        connection = op.get_bind()
        rows = connection.execute(
            sa.text(f"select {key}, {column} from review.{table} where {column} is not null")
        ).all()
        keys = _keys() if rows else None
        for id, sealed in rows:
            assert keys is not None
            told = {"clear": keys.open(f"{table}.{column}/{id}", bytes(sealed)), "id": id}
            connection.execute(sa.text(f"update review.{table} set clear = :clear where {key} = :id"), told)
        op.drop_column(table, column, schema="review")
        op.alter_column(table, "clear", new_column_name=column, nullable=nullable, schema="review")


def _roles(among: str) -> None:
    name = op.f("ck_role_grants_role")
    op.drop_constraint(name, "role_grants", schema="review", type_="check")
    op.create_check_constraint(name, "role_grants", f"role in ({among})", schema="review")


def _fill(table: str, key: str, query: str, column: str) -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.text(query)).all()
    keys = _keys() if rows else None
    for id, clear in rows:
        assert keys is not None
        told = {"sealed": keys.seal(f"{table}.{column}/{id}", clear), "id": id}
        connection.execute(sa.text(f"update review.{table} set sealed = :sealed where {key} = :id"), told)


def _keys() -> Keys:
    if "VAULT_KEYS" not in os.environ:
        raise RuntimeError("this step seals words that lie in clear: run it once with VAULT_KEYS")
    return Keys.parse(os.environ["VAULT_KEYS"])
