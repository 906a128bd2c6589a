import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("diaries", "0011_label")]

    operations = [
        migrations.CreateModel(
            name="Labelled",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "label",
                        "post",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "label",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="diaries.label",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        related_query_name="label_of_post",
                        to="diaries.diary",
                        to_field="post",
                    ),
                ),
            ],
            options={
                "verbose_name": "label of a post",
                "verbose_name_plural": "labels of posts",
            },
        ),
    ]
