from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("diaries", "0006_latitude")]

    operations = [
        migrations.AddField(
            model_name="diary",
            name="longitude",
            field=models.FloatField(null=True, verbose_name="longitude"),
        ),
    ]
