"""Keep lessons."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lessons",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("class_name", sa.String(100), nullable=False),
        sa.Column("class_key", sa.String(100), nullable=False),
        sa.Column("began", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lessons")),
    )
    op.create_index(op.f("ix_lessons_class_key_began"), "lessons", ["class_key", "began"])
    op.create_index(op.f("ix_lessons_ended"), "lessons", ["ended"])
    op.create_table(
        "lesson_pupils",
        sa.Column("lesson_id", sa.String(32), nullable=False),
        sa.Column("pupil_id", sa.String(32), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_pupils_lesson_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("lesson_id", "pupil_id", name=op.f("pk_lesson_pupils")),
    )


def downgrade() -> None:
    op.drop_table("lesson_pupils")
    op.drop_table("lessons")
