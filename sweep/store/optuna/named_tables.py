"""Optuna's tables by their names, as far as the mirror and what is published are in them.

For what reads them without Optuna: ``mark`` and ``published``. The columns have stayed the same
since Optuna's schema 12; that the tables are of the version that is installed, the mark tells.
"""

from sqlalchemy import TableClause, column, table


def _table(name: str, *columns: str) -> TableClause:
    return table(name, *map(column, columns))


STUDIES = _table("studies", "study_id", "study_name")
SHOWN_ATTRIBUTES = _table("study_system_attributes", "study_id", "key", "value_json")
OF_STUDY = (
    _table("study_directions", "study_id", "objective", "direction"),
    _table("study_user_attributes", "study_id", "key", "value_json"),
)
VERSIONS = (
    _table("alembic_version", "version_num"),
    _table("version_info", "schema_version", "library_version"),
)
TRIALS = _table(
    *("trials", "trial_id", "number", "study_id"),
    *("state", "datetime_start", "datetime_complete"),
)
PARTS = (
    _table(
        "trial_params", "param_id", "trial_id", "param_name", "param_value", "distribution_json"
    ),
    _table("trial_values", "trial_value_id", "trial_id", "objective", "value", "value_type"),
    _table(
        *("trial_intermediate_values", "trial_intermediate_value_id", "trial_id", "step"),
        *("intermediate_value", "intermediate_value_type"),
    ),
    _table(
        *("trial_user_attributes", "trial_user_attribute_id"),
        *("trial_id", "key", "value_json"),
    ),
)
"""What belongs to trials: the key of the row, of which trial it is, and the rest."""
