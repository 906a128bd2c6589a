from core.model_fields import BinaryUUIDField, ExactCharField

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("diaries", "0010_index_posts_by_visibility")]

    operations = [
        migrations.CreateModel(
            name="Label",
            fields=[
                ("id", BinaryUUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("hashtag", "hashtag"), ("place", "place")],
                        max_length=7,
                        verbose_name="kind",
                    ),
                ),
                ("name", ExactCharField(max_length=80, verbose_name="name")),
                ("folded", ExactCharField(max_length=240)),
            ],
            options={
                "verbose_name": "label",
                "verbose_name_plural": "labels",
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "folded"), name="label_of_kind")
                ],
            },
        ),
    ]
