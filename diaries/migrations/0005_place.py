from core.model_fields import ExactCharField

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("diaries", "0004_allows_comments")]

    operations = [
        migrations.AddField(
            model_name="diary",
            name="place",
            field=ExactCharField(max_length=80, null=True, verbose_name="place"),
        ),
    ]
