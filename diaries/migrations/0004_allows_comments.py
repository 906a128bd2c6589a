from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("diaries", "0003_published_at")]

    operations = [
        migrations.AddField(
            model_name="diary",
            name="allows_comments",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="allows comments"
            ),
        ),
    ]
