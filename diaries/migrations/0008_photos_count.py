from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("diaries", "0007_longitude")]

    operations = [
        migrations.AddField(
            model_name="diary",
            name="photos_count",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, editable=False, verbose_name="photos"
            ),
        ),
    ]
